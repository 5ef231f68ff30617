package batchnorm.cli;

import batchnorm.checkpoint.fold.StateDictFolding;
import batchnorm.checkpoint.fold.StateDictFolding.FoldPair;
import batchnorm.checkpoint.fold.StateDictFolding.FoldPairs;
import batchnorm.codec.Checkpoint;
import batchnorm.codec.Message;
import batchnorm.codec.json.JsonCodec;
import batchnorm.diagnosis.BatchNorm;
import batchnorm.diagnosis.FoldVerification;
import batchnorm.normalization.Folding.Position;
import batchnorm.normalization.InexactFold;
import batchnorm.tensor.DecimalText;
import batchnorm.tensor.Shape;
import batchnorm.tensor.Tensor;
import batchnorm.web.api.VerifyFoldAnswer;
import batchnorm.web.binding.AnswerMessage;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Compares a folded `state_dict` with the original, and names the mistakes.
@Command(
        name = "verify",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = {
            "Compares a folded state_dict with the original, and names the mistakes. Exits with 1 if a fold is wrong.",
            ""
        })
final class VerifyCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "ORIGINAL",
            description = "The state_dict with the normalizations; - for standard input.")
    private String original = "";

    @Parameters(
            index = "1",
            paramLabel = "FOLDED",
            description = "The state_dict with the folded weights, under the same names.")
    private String folded = "";

    @Mixin private StateDictOptions options = new StateDictOptions();

    @Option(
            names = "--json",
            description =
                    "Print a line of JSON for each pair: {\"path\", \"into\", \"verification\"}, the last as in POST /api/v1/fold/verify.")
    private boolean json;

    private final StandardStreams streams;

    VerifyCommand(StandardStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        StateDictFolding folding = options.folding();
        InputFile result = new InputFile(folded);
        FoldPairs pairs =
                new InputFile(original).read(StateDictFolding.ALL, streams, folding::pairs);
        Checkpoint weights = result.read(StateDictFolding.ALL, streams, read -> read);
        pairs.left()
                .forEach(each -> streams.report(each.node() + ": not verified: " + each.reason()));
        boolean isRight = true;
        for (FoldPair pair : pairs.pairs()) {
            FoldVerification verification =
                    result.checked(() -> verify(pair, weights, folding.epsilon()));
            isRight &= verification.exact();
            print(pair, verification);
        }
        return isRight ? 0 : Commands.FOUND;
    }

    private FoldVerification verify(FoldPair pair, Checkpoint weights, double epsilon) {
        Tensor weight = tensor(weights, pair.linear() + ".weight");
        if (weight == null) {
            throw new FileProblem(folded, "has no tensor \"" + pair.linear() + ".weight\"");
        }
        int outputs =
                pair.position() == Position.AFTER
                        ? pair.running().mean().length
                        : pair.map().rows();
        Tensor bias = tensor(weights, pair.linear() + ".bias");
        BatchNorm layer =
                new BatchNorm(
                        pair.parameters().gamma(),
                        pair.parameters().beta(),
                        pair.running().mean(),
                        pair.running().variance(),
                        epsilon);
        try {
            return FoldVerification.of(
                    layer,
                    pair.position(),
                    pair.map(),
                    weight,
                    Objects.requireNonNullElseGet(
                            bias, () -> Tensor.of(Shape.of(outputs), new double[outputs])));
        } catch (InexactFold e) {
            throw new FileProblem(folded, pair.linear() + ": " + e.getMessage());
        }
    }

    private static @Nullable Tensor tensor(Checkpoint weights, String name) {
        return weights.state().values().get(name) instanceof Tensor tensor ? tensor : null;
    }

    private void print(FoldPair pair, FoldVerification verification) throws IOException {
        if (json) {
            Message line =
                    new Message()
                            .with("path", pair.path())
                            .with("into", pair.linear())
                            .with(
                                    "verification",
                                    AnswerMessage.of(VerifyFoldAnswer.of(verification)));
            new JsonCodec().encode(line, streams.out());
            streams.out().println();
            return;
        }
        streams.print(
                "%s into %s: %s".formatted(pair.path(), pair.linear(), inWords(verification)));
    }

    private static String inWords(FoldVerification verification) {
        if (verification.exact()) {
            return "right, within the rounding of " + verification.precision();
        }
        String mistakes =
                verification.mistakes().stream()
                        .map(mistake ->
                                mistake.word()
                                        + ": "
                                        + mistake.sentence()
                                        + "; "
                                        + mistake.remedy())
                        .collect(Collectors.joining("; "));
        var worst = Objects.requireNonNull(verification.worst());
        return "%s. %s%s is %s, right is %s"
                .formatted(
                        mistakes,
                        worst.tensor(),
                        worst.index(),
                        DecimalText.of(worst.found()),
                        DecimalText.of(worst.expected()));
    }
}
