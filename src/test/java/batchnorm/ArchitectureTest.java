package batchnorm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.kernel.Kernel;
import batchnorm.kernel.VectorKernel;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The house: which package may know which. `docs/architecture.md` draws the same table.
@AnalyzeClasses(packages = "batchnorm", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /// Every package and all of ours that it may know; `codec..` includes the packages within.
    private static final Map<String, Set<String>> ARROWS =
            Map.ofEntries(
                    Map.entry("settings", Set.of("collective", "layer", "storage")),
                    Map.entry(
                            "management",
                            Set.of("access", "kernel", "layer", "settings", "storage")),
                    Map.entry("startup", Set.of("kernel")),
                    Map.entry("web", Set.of("admission", "web.binding", "web.telemetry")),
                    Map.entry(
                            "web.controller",
                            Set.of(
                                    "access",
                                    "admission",
                                    "checkpoint",
                                    "codec",
                                    "collective",
                                    "layer",
                                    "normalization",
                                    "web.api",
                                    "web.binding",
                                    "web.openapi",
                                    "web.problem",
                                    "web.telemetry")),
                    Map.entry(
                            "web.openapi",
                            Set.of(
                                    "access",
                                    "codec",
                                    "layer",
                                    "web.api",
                                    "web.binding",
                                    "web.problem",
                                    "web.telemetry")),
                    Map.entry(
                            "web.server",
                            Set.of("admission", "web.problem", "web.security", "web.telemetry")),
                    Map.entry(
                            "web.problem",
                            Set.of(
                                    "access",
                                    "admission",
                                    "checkpoint",
                                    "codec..",
                                    "collective",
                                    "layer",
                                    "normalization",
                                    "optimizer",
                                    "tensor",
                                    "web.binding",
                                    "web.security",
                                    "web.telemetry")),
                    Map.entry(
                            "web.binding",
                            Set.of(
                                    "access",
                                    "admission",
                                    "checkpoint",
                                    "codec..",
                                    "digest",
                                    "layer",
                                    "normalization",
                                    "tensor",
                                    "web.api",
                                    "web.telemetry")),
                    Map.entry(
                            "web.api",
                            Set.of(
                                    "checkpoint",
                                    "codec",
                                    "collective",
                                    "layer",
                                    "normalization",
                                    "optimizer",
                                    "tensor")),
                    Map.entry("web.security", Set.of("access")),
                    Map.entry("web.telemetry", Set.of("admission", "layer", "normalization")),
                    Map.entry("admission", Set.of("codec..", "layer")),
                    Map.entry("checkpoint", Set.of("layer", "normalization", "codec..", "tensor")),
                    Map.entry(
                            "openinference",
                            Set.of(
                                    "digest",
                                    "access",
                                    "layer",
                                    "normalization",
                                    "codec..",
                                    "tensor")),
                    Map.entry("access", Set.of("digest")),
                    Map.entry("storage", Set.of("layer", "normalization", "optimizer", "tensor")),
                    Map.entry("collective", Set.of("digest", "layer", "normalization", "tensor")),
                    Map.entry("layer", Set.of("digest", "normalization", "optimizer", "tensor")),
                    Map.entry("normalization", Set.of("kernel", "tensor")),
                    Map.entry("optimizer", Set.of("tensor")),
                    Map.entry(
                            "codec.json",
                            Set.of("codec", "codec.decimal", "codec.binary", "tensor")),
                    Map.entry("codec.decimal", Set.of()),
                    Map.entry("codec.npy", Set.of("codec", "codec.binary", "codec.body", "tensor")),
                    Map.entry(
                            "codec.safetensors",
                            Set.of("codec", "codec.json", "codec.binary", "tensor")),
                    Map.entry("codec.binary", Set.of("codec", "codec.body", "tensor")),
                    Map.entry("codec.body", Set.of("codec")),
                    Map.entry("codec", Set.of("tensor")),
                    Map.entry("kernel", Set.of("tensor")),
                    Map.entry("digest", Set.of()),
                    Map.entry("tensor", Set.of()));

    private static final Set<String> KNOW_SPRING =
            Set.of(
                    "settings",
                    "management",
                    "startup",
                    "admission",
                    "openinference",
                    "access",
                    "storage");

    @ArchTest
    void arrowsPointOneWay(JavaClasses house) {
        ARROWS.forEach((room, known) ->
                noClasses()
                        .that()
                        .resideInAPackage(packageOf(room))
                        .should()
                        .dependOnClassesThat(isOursOutside(room, known))
                        .check(house));
    }

    @ArchTest
    void onlyMainAndTheOuterRoomsKnowSpring(JavaClasses house) {
        ARROWS.keySet().stream()
                .filter(room -> !KNOW_SPRING.contains(room) && !room.startsWith("web"))
                .forEach(room ->
                        noClasses()
                                .that()
                                .resideInAPackage(packageOf(room))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("org.springframework..", "jakarta..")
                                .check(house));
    }

    @ArchTest
    static final ArchRule ONLY_THE_SIMD_KERNEL_NAMES_THE_INCUBATOR =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("batchnorm.kernel")
                    .or()
                    .haveSimpleName("ScalarKernel")
                    .or()
                    .haveSimpleName("Kernel")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("jdk.incubator.vector..");

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_THING_IS =
            noClasses().should().haveNameMatching(".*(Impl|Utils?|Helper|Manager)$");

    @ArchTest
    static final ArchRule NOBODY_LOOKS_AT_CLASSES_BY_REFLECTION =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("batchnorm.web.binding")
                    .and()
                    .doNotHaveSimpleName("VectorModule") // the JDK's own loader of modules
                    .and()
                    .doNotHaveSimpleName("Launcher") // an old Java must not see what it starts
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.lang.reflect..");

    @Test
    void theArchitecturePageListsThePackagesOnDisk() throws IOException {
        String page = Files.readString(Path.of("docs/architecture.md"));
        Set<String> drawn = new HashSet<>();
        String outer = "";
        for (MatchResult room :
                Pattern.compile("(?m)^(│  )?[├└]─ (\\w+)").matcher(page).results().toList()) {
            outer = room.group(1) == null ? room.group(2) : outer;
            drawn.add(room.group(1) == null ? outer : outer + "." + room.group(2));
        }
        Path root = Path.of("src/main/java/batchnorm");
        try (Stream<Path> rooms = Files.walk(root)) {
            assertThat(drawn)
                    .isEqualTo(
                            rooms.filter(room -> Files.isDirectory(room) && !room.equals(root))
                                    .map(room -> root.relativize(room).toString())
                                    .map(room -> room.replace(File.separatorChar, '.'))
                                    .collect(Collectors.toSet()))
                    .isEqualTo(ARROWS.keySet());
        }
    }

    @Test
    void theFastestKernelIsTheSimdOneWhereTheModuleIs() {
        assertThat(Kernel.fastest()).isInstanceOf(VectorKernel.class);
    }

    private static String packageOf(String room) {
        return "batchnorm." + room;
    }

    private static DescribedPredicate<JavaClass> isOursOutside(String room, Set<String> known) {
        return DescribedPredicate.describe(
                "are of ours, but neither in " + room + " nor in " + known,
                type ->
                        type.getPackageName().startsWith("batchnorm")
                                && !type.getPackageName().equals(packageOf(room))
                                && known.stream()
                                        .noneMatch(other ->
                                                PackageMatcher.of(packageOf(other))
                                                        .matches(type.getPackageName())));
    }
}
