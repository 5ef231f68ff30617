package batchnorm;

import java.lang.reflect.InvocationTargetException;

/**
 * Starts the service on a Java that can run it, and otherwise names the Java that is needed.
 *
 * <p>Compiled for Java 8, so that an old Java reads this class instead of failing with an {@code
 * UnsupportedClassVersionError}. The main class of the jar, where it starts Spring Boot's launcher,
 * and the class that Spring Boot's launcher starts, where it starts {@code Main}. In the extracted
 * jar it starts {@code Main} at once.
 */
public final class Launcher {
    private static final int NEEDED = 25;
    private static final String SERVICE = "batchnorm.Main";
    private static final String NESTED_JARS = "org.springframework.boot.loader.launch.JarLauncher";

    private Launcher() {}

    public static void main(String[] arguments) throws Throwable {
        if (feature(System.getProperty("java.specification.version")) < NEEDED) {
            System.err.println(refusal());
            System.exit(1);
        }
        try {
            start().getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The feature release of a specification version: 8 for {@code 1.8}, 17 for {@code 17}. */
    private static int feature(String version) {
        return Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
    }

    private static String refusal() {
        return "batchnorm needs Java "
                + NEEDED
                + " or newer, but this is Java "
                + System.getProperty("java.version")
                + " ("
                + System.getProperty("java.home")
                + "). Install a JDK "
                + NEEDED
                + ", set JAVA_HOME to its directory and start the jar with \"$JAVA_HOME/bin/java\" -jar;"
                + " the README says more under \"Run it\".";
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
