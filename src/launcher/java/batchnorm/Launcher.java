package batchnorm;

import java.lang.reflect.InvocationTargetException;

/**
 * Starts the service on a supported Java; on an older one, prints the required version.
 *
 * <p>Compiled for Java 8, so that an old Java loads this class instead of failing with an {@code
 * UnsupportedClassVersionError}. As the main class of the jar it starts Spring Boot's launcher,
 * which starts this class again, to start {@code Main}. In the extracted jar it starts {@code Main}
 * directly.
 */
public final class Launcher {
    private static final int REQUIRED = 25;
    private static final String SERVICE = "batchnorm.Main";
    private static final String NESTED_JARS = "org.springframework.boot.loader.launch.JarLauncher";

    private Launcher() {}

    public static void main(String[] arguments) throws Throwable {
        if (feature(System.getProperty("java.specification.version")) < REQUIRED) {
            System.err.println(unsupportedVersion());
            System.exit(1);
        }
        try {
            start().getMethod("main", String[].class).invoke(null, (Object) arguments);
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

    private static Class<?> start() throws ClassNotFoundException {
        ClassLoader classes = Thread.currentThread().getContextClassLoader();
        try {
            return Class.forName(SERVICE, true, classes);
        } catch (ClassNotFoundException nested) {
            return Class.forName(NESTED_JARS, true, classes);
        }
    }
}
