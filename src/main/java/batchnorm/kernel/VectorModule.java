package batchnorm.kernel;

/// Loads the module of the vector classes. A JVM does not resolve this incubator module by default.
///
/// `--add-modules` would burden every command line and slow the start: an AOT cache keeps classes
/// linked only for the default module graph. The module is therefore loaded at run time, through
/// the internal method that the JDK uses for the modules of agents. The jar's manifest exports it
/// (`Add-Exports`). Where it is inaccessible or missing, the flag still works.
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Loads the module if necessary and returns whether the vector classes can be used.
    static boolean load() {
        return ModuleLayer.boot().findModule(NAME).isPresent() || loadAtRunTime();
    }

    /// Calls `jdk.internal.module.Modules.loadModule(NAME)` reflectively, since it is not exported
    /// at compile time.
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
