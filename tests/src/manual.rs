//! Code blocks of the documents, for tests that run them.

/// A code block of Markdown.
#[derive(Clone, Copy, Debug)]
pub struct CodeBlock {
    /// The first word after the fence.
    pub language: &'static str,
    /// The rest of the line after the fence: the name of a file or of a step.
    pub name: &'static str,
    pub code: &'static str,
}

/// The code blocks of a page.
pub fn code_blocks(page: &'static str) -> impl Iterator<Item = CodeBlock> {
    page.split("\n```").skip(1).step_by(2).map(|block| {
        let (info, code) = block.split_once('\n').unwrap();
        let (language, name) = info.split_once(' ').unwrap_or((info, ""));
        CodeBlock { language, name, code }
    })
}
