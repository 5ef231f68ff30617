package batchnorm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import batchnorm.fixtures.RandomSeed;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// The kernel's contract with narrower vectors than the processor's widest. Each width needs its
/// own JVM: the shapes of [Lanes] are constants.
@Tag("slow")
class NarrowLanesTest {
    private static final Class<?>[] CONTRACT = {
        KernelTest.class,
        SameBitsTest.class,
        SumOrderTest.class,
        InPlaceTest.class,
        FactorsBeyondFp32Test.class
    };

    @ParameterizedTest
    @ValueSource(ints = {128, 256})
    void theContractHolds(int bits) throws IOException, InterruptedException {
        String classPath = System.getProperty("java.class.path");
        Process tests =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "-XX:+UseSerialGC",
                                "-Dbatchnorm.kernel.bits=" + bits,
                                RandomSeed.argument(),
                                "-cp",
                                System.getProperty("surefire.test.class.path", classPath),
                                NarrowLanesTest.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(tests.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(tests.waitFor()).as(output).isZero();
        assertThat(output).contains("vectors of " + bits + " bits");
    }

    /// Runs the tests of the contract in this JVM; ends with an error unless all of them pass.
    public static void main(String... arguments) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        Stream.of(CONTRACT)
                                                .map(type -> selectClass(type))
                                                .toArray(ClassSelector[]::new))
                                .build(),
                        summary);
        System.out.println("vectors of " + Lanes.DOUBLES.vectorBitSize() + " bits");
        summary.getSummary()
                .printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        boolean passed =
                summary.getSummary().getTestsSucceededCount() > 50
                        && summary.getSummary().getTotalFailureCount() == 0;
        System.exit(passed ? 0 : 1);
    }
}
