package batchnorm.kernel;

/// The module of the vector classes. It incubates, so a JVM has it only when it is asked for.
///
/// `--add-modules` asks on the command line, where everybody has to think of it, and it costs the
/// start: an AOT cache keeps its classes linked for the plain module graph only. So it is asked for
/// here, at run time, the way the JDK itself loads the modules of its agents. That way is the JDK's
/// own; the jar's manifest opens it (`Add-Exports`), and where it is shut or gone, the flag is what
/// remains.
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Whether the vector classes can be used, from now on.
    static boolean load() {
        return ModuleLayer.boot().findModule(NAME).isPresent() || loadAtRunTime();
    }

    /// `jdk.internal.module.Modules.loadModule(NAME)`, which the compiler must not see.
    private static boolean loadAtRunTime() {
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            return true;
        } catch (ReflectiveOperationException shut) {
            return false;
        }
    }
}
