package batchnorm.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.function.BooleanSupplier;

/// The streams of a process.
///
/// @param terminal returns whether a person reads them; called for long work only, because the JDK
///   loads its console for it
record StandardStreams(InputStream in, PrintStream out, PrintStream err, BooleanSupplier terminal) {
    private static final char REPLACEMENT = '\uFFFD';

    static StandardStreams ofProcess() {
        return new StandardStreams(
                System.in, System.out, System.err, StandardStreams::isProcessOnTerminal);
    }

    @SuppressWarnings("SystemConsoleNull") // null again since JDK 25 where there is no terminal
    private static boolean isProcessOnTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    boolean isTerminal() {
        return terminal.getAsBoolean();
    }

    /// Prints a line of text that may come from a file. Control characters, which a terminal would
    /// execute, are replaced.
    void print(String line) {
        out.println(withoutControls(line));
    }

    /// Prints a line on the error stream, as [#print].
    void report(String line) {
        err.println(withoutControls(line));
    }

    private static String withoutControls(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .map(each -> isControl(each) ? REPLACEMENT : each)
                .forEach(safe::appendCodePoint);
        return safe.toString();
    }

    /// Includes the characters that reorder or hide others.
    private static boolean isControl(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    true;
            default -> false;
        };
    }
}
