//! Access to a port by its trait.

/// A set of ports that has one of the trait `P`, for instance `HasPort<dyn UserRepository>`.
///
/// The fixtures of [`given`](crate::given) take any set that has the ports which they need. Each set of
/// [`contract`](crate::contract) implements this for its ports.
pub trait HasPort<P: ?Sized>: Send + Sync {
    /// The port.
    fn port(&self) -> &P;
}
