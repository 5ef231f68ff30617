package batchnorm.cli;

import batchnorm.checkpoint.Framework;
import batchnorm.codec.InvalidField;
import batchnorm.normalization.Convention;
import batchnorm.normalization.InvalidConfig;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// The commands, and their exit codes: 0 for success, 1 for findings, 2 for a wrong command or a
/// file that cannot be read or written.
@Command(
        name = "batchnorm",
        header = "Batch normalization: commands on model files, and the service.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "",
            "Model files are safetensors, npz, and files of PyTorch, Keras and ONNX. Their content decides the format. \"-\" is the standard input or output.",
            ""
        },
        footer = {
            "",
            "Without a command, or with \"serve\" and options such as --server.port=8080, the service starts.",
            "",
            "Exit codes: 0 success, 1 something wrong was found, 2 wrong command or unreadable file."
        })
public final class Commands implements Runnable {
    static final int FOUND = 1;
    static final int UNUSABLE = 2;
    private static final int FAILED = 70; // EX_SOFTWARE

    private static final String HELP = "help";

    /// The commands by their names, in the order of the help.
    private static final Map<String, Function<StandardStreams, Object>> COMMANDS =
            new LinkedHashMap<>();

    static {
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("convert", ConvertCommand::new);
        COMMANDS.put("fold", FoldCommand::new);
        COMMANDS.put("verify", VerifyCommand::new);
        COMMANDS.put("aggregate", AggregateCommand::new);
        COMMANDS.put("vectors", VectorsCommand::new);
        COMMANDS.put(HELP, _ -> new HelpCommand());
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private Commands() {}

    public static void main(String[] arguments) {
        // Libraries log through SLF4J, whose provider would configure itself for the service.
        System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        int code = run(StandardStreams.ofProcess(), arguments);
        if (code != 0) {
            System.exit(code); // looks for loggers first
        }
    }

    /// Runs a command.
    ///
    /// @return the exit code
    static int run(StandardStreams streams, String... arguments) {
        int code = commandLine(streams, arguments).execute(arguments);
        streams.out().flush();
        streams.err().flush();
        return code;
    }

    /// Returns the parser of some arguments. The model of each command takes time, so one that is
    /// named has no other beside it.
    static CommandLine commandLine(StandardStreams streams, String... arguments) {
        CommandLine commands = new CommandLine(new Commands());
        String first = arguments.length == 0 ? HELP : arguments[0];
        boolean isNamed = COMMANDS.containsKey(first) && !first.equals(HELP);
        COMMANDS.forEach((name, command) -> {
            if (!isNamed || name.equals(first)) {
                commands.addSubcommand(command.apply(streams));
            }
        });
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        converters(commands);
        commands.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        commands.setOut(new PrintWriter(streams.out(), true, streams.out().charset()));
        commands.setErr(new PrintWriter(streams.err(), true, streams.err().charset()));
        commands.setParameterExceptionHandler(Commands::rejected);
        commands.setExecutionExceptionHandler((failure, _, _) -> failed(failure, streams));
        return commands;
    }

    private static void converters(CommandLine commands) {
        commands.registerConverter(
                Framework.class,
                word -> {
                    try {
                        return Framework.parse(word);
                    } catch (InvalidField e) {
                        throw new TypeConversionException(e.getMessage());
                    }
                });
        commands.registerConverter(
                Convention.class,
                word -> {
                    try {
                        return Convention.parse(word);
                    } catch (InvalidConfig e) {
                        throw new TypeConversionException(e.getMessage());
                    }
                });
    }

    /// Without a command, which the launcher does not pass.
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int rejected(ParameterException problem, String... arguments) {
        CommandLine command = problem.getCommandLine();
        command.getErr().println(problem.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(problem, command.getErr());
        command.usage(command.getErr());
        return UNUSABLE;
    }

    private static int failed(Exception failure, StandardStreams streams) {
        if (failure instanceof FileProblem problem) {
            streams.report("batchnorm: " + problem.getMessage());
            return UNUSABLE;
        }
        failure.printStackTrace(streams.err());
        return FAILED;
    }
}
