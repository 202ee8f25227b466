/// A value and its line in a document.
pub(super) struct Placed<T> {
    pub(super) line: usize,
    pub(super) value: T,
}
