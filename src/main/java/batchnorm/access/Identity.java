package batchnorm.access;

/// The identity behind a request.
///
/// @param name of the key, or `token:` and the subject of the token; key names have no colon
/// @param scope the widest granted scope
record Identity(String name, Scope scope) {
    static final Identity ANONYMOUS = new Identity("anonymous", Scope.NONE);

    /// The identity of all requests while no credentials are required.
    static final Identity ANYONE = new Identity("anyone", Scope.ADMIN);
}
