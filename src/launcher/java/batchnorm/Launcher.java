package batchnorm;

import java.lang.reflect.InvocationTargetException;

/**
 * Starts the service or the command line on a supported Java; on an older one, prints the required
 * version.
 *
 * <p>The arguments decide before any class of Spring is loaded: none, {@code serve}, and options of
 * the service such as {@code --server.port=8080} start the service.
 *
 * <p>Compiled for Java 8, so that an old Java loads this class instead of failing with an {@code
 * UnsupportedClassVersionError}. As the main class of the jar it starts Spring Boot's launcher,
 * which starts this class again, to start {@code Main} or {@code Commands}. In the extracted jar it
 * starts them directly.
 */
public final class Launcher {
    private static final int REQUIRED = 25;
    private static final String SERVICE = "batchnorm.Main";
    private static final String COMMAND_LINE = "batchnorm.cli.Commands";
    private static final String SERVE = "serve";
    private static final String NESTED_JARS = "org.springframework.boot.loader.launch.JarLauncher";

    private Launcher() {}

    public static void main(String[] arguments) throws Throwable {
        if (feature(System.getProperty("java.specification.version")) < REQUIRED) {
            System.err.println(unsupportedVersion());
            System.exit(1);
        }
        try {
            start(isService(arguments) ? SERVICE : COMMAND_LINE)
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Returns the feature release of a version: 8 for {@code 1.8}, 17 for {@code 17}. */
    private static int feature(String version) {
        return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    }

    private static String unsupportedVersion() {
        return "batchnorm needs Java "
                + REQUIRED
                + " or newer, but this is Java "
                + System.getProperty("java.version")
                + " ("
                + System.getProperty("java.home")
                + "). Install a JDK "
                + REQUIRED
                + ", set JAVA_HOME to its directory and start the jar with \"$JAVA_HOME/bin/java\" -jar;"
                + " see \"Run it\" in the README.";
    }

    private static boolean isService(String[] arguments) {
        if (arguments.length == 0 || arguments[0].equals(SERVE)) {
            return true;
        }
        return arguments[0].startsWith("--")
                && !arguments[0].equals("--help")
                && !arguments[0].equals("--version");
    }

    private static Class<?> start(String name) throws ClassNotFoundException {
        ClassLoader classes = Thread.currentThread().getContextClassLoader();
        try {
            return Class.forName(name, true, classes);
        } catch (ClassNotFoundException nested) {
            return Class.forName(NESTED_JARS, true, classes);
        }
    }
}
