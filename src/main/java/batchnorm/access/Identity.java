package batchnorm.access;

/// Whom a request is from.
///
/// @param name of the key, or `token:` and the subject of the token, which no key can have as its
///   name
/// @param scope the widest that was granted
record Identity(String name, Scope scope) {
    static final Identity ANONYMOUS = new Identity("anonymous", Scope.NONE);

    /// Whoever calls while nobody is asked who they are.
    static final Identity ANYONE = new Identity("anyone", Scope.ADMIN);
}
