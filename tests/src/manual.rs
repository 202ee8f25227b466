//! Code of the documents, so that what they say is what runs.

/// A block of code: the word behind its fence, what else stands in that line, and the code.
#[derive(Clone, Copy, Debug)]
pub struct CodeBlock {
    /// Its language.
    pub language: &'static str,
    /// A file, or what it is for.
    pub name: &'static str,
    /// Its lines.
    pub code: &'static str,
}

/// The blocks of a page, in Markdown.
pub fn code_blocks(page: &'static str) -> impl Iterator<Item = CodeBlock> {
    page.split("\n```").skip(1).step_by(2).map(|block| {
        let (info, code) = block.split_once('\n').unwrap();
        let (language, name) = info.split_once(' ').unwrap_or((info, ""));
        CodeBlock { language, name, code }
    })
}
