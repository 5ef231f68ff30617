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

/// The allowed dependencies between packages. `docs/architecture.md` draws the same table.
@AnalyzeClasses(packages = "batchnorm", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /// The packages of this project on which each package may depend; `codec..` includes nested
    /// packages.
    private static final Map<String, Set<String>> DEPENDENCIES =
            Map.ofEntries(
                    Map.entry("settings", Set.of("collective", "layer", "storage")),
                    Map.entry(
                            "management",
                            Set.of("access", "kernel", "layer", "settings", "storage")),
                    Map.entry("startup", Set.of("kernel")),
                    Map.entry(
                            "cli",
                            Set.of(
                                    "checkpoint",
                                    "checkpoint.fold",
                                    "codec..",
                                    "diagnosis",
                                    "golden",
                                    "layer",
                                    "normalization",
                                    "tensor",
                                    "web.api",
                                    "web.binding")),
                    Map.entry("web", Set.of("admission", "web.binding", "web.telemetry")),
                    Map.entry(
                            "web.controller",
                            Set.of(
                                    "access",
                                    "admission",
                                    "checkpoint",
                                    "checkpoint.fold",
                                    "codec",
                                    "collective",
                                    "diagnosis",
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
                            Set.of(
                                    "access",
                                    "admission",
                                    "web.problem",
                                    "web.security",
                                    "web.telemetry")),
                    Map.entry(
                            "web.problem",
                            Set.of(
                                    "access",
                                    "admission",
                                    "checkpoint",
                                    "checkpoint.fold",
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
                                    "checkpoint.fold",
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
                                    "checkpoint.fold",
                                    "codec",
                                    "collective",
                                    "diagnosis",
                                    "golden",
                                    "layer",
                                    "normalization",
                                    "optimizer",
                                    "tensor")),
                    Map.entry("web.security", Set.of("access")),
                    Map.entry("web.telemetry", Set.of("admission", "layer", "normalization")),
                    Map.entry("admission", Set.of("codec..", "layer")),
                    Map.entry(
                            "checkpoint.fold",
                            Set.of("checkpoint", "codec..", "normalization", "tensor")),
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
                    Map.entry("golden", Set.of("digest", "normalization", "tensor")),
                    Map.entry("access", Set.of("digest")),
                    Map.entry("diagnosis", Set.of("normalization", "tensor")),
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
                    Map.entry(
                            "codec.keras",
                            Set.of("codec", "codec.body", "codec.binary", "codec.json", "tensor")),
                    Map.entry("codec.pytorch", Set.of("codec", "codec.binary", "tensor")),
                    Map.entry("codec.onnx", Set.of("codec", "codec.binary", "tensor")),
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
    void arrowsPointOneWay(JavaClasses classes) {
        DEPENDENCIES.forEach((name, allowed) ->
                noClasses()
                        .that()
                        .resideInAPackage(packageOf(name))
                        .should()
                        .dependOnClassesThat(isOursOutside(name, allowed))
                        .check(classes));
    }

    @ArchTest
    void onlyMainAndTheOuterRoomsKnowSpring(JavaClasses classes) {
        DEPENDENCIES.keySet().stream()
                .filter(name -> !KNOW_SPRING.contains(name) && !name.startsWith("web"))
                .forEach(name ->
                        noClasses()
                                .that()
                                .resideInAPackage(packageOf(name))
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("org.springframework..", "jakarta..")
                                .check(classes));
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
        for (MatchResult name :
                Pattern.compile("(?m)^(│  )?[├└]─ (\\w+)").matcher(page).results().toList()) {
            outer = name.group(1) == null ? name.group(2) : outer;
            drawn.add(name.group(1) == null ? outer : outer + "." + name.group(2));
        }
        Path root = Path.of("src/main/java/batchnorm");
        try (Stream<Path> packages = Files.walk(root)) {
            assertThat(drawn)
                    .isEqualTo(
                            packages.filter(name -> Files.isDirectory(name) && !name.equals(root))
                                    .map(name -> root.relativize(name).toString())
                                    .map(name -> name.replace(File.separatorChar, '.'))
                                    .collect(Collectors.toSet()))
                    .isEqualTo(DEPENDENCIES.keySet());
        }
    }

    @Test
    void theFastestKernelIsTheSimdOneWhereTheModuleIs() {
        assertThat(Kernel.fastest()).isInstanceOf(VectorKernel.class);
    }

    private static String packageOf(String name) {
        return "batchnorm." + name;
    }

    private static DescribedPredicate<JavaClass> isOursOutside(String name, Set<String> allowed) {
        return DescribedPredicate.describe(
                "are outside of " + name + " and of " + allowed,
                type ->
                        type.getPackageName().startsWith("batchnorm")
                                && !type.getPackageName().equals(packageOf(name))
                                && allowed.stream()
                                        .noneMatch(other ->
                                                PackageMatcher.of(packageOf(other))
                                                        .matches(type.getPackageName())));
    }
}
