package org.alborz;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What may know what inside core, so that a backend, a layer or an optimizer stays an addition. */
@ArchTag("sources")
@AnalyzeClasses(packages = "org.alborz", importOptions = ArchitectureTest.WithoutTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule coreKnowsNoBackend = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.alborz.cpu..",
                    "org.alborz.cuda..",
                    "org.alborz.tck..",
                    "org.alborz.monitor..",
                    "org.alborz.tune..",
                    "org.alborz.neighbours..",
                    "jcuda..",
                    "jdk.incubator..")
            .because("backends implement org.alborz.backend and are found with ServiceLoader");

    @ArchTest
    static final ArchRule typesStandAlone = dependsOnlyOn("type");

    @ArchTest
    static final ArchRule randomStandsAlone = dependsOnlyOn("random");

    @ArchTest
    static final ArchRule textStandsAlone = dependsOnlyOn("text");

    @ArchTest
    static final ArchRule noticesStandAlone = dependsOnlyOn("notice");

    @ArchTest
    static final ArchRule imageDecodersStandAlone = dependsOnlyOn("image");

    @ArchTest
    static final ArchRule theSpiKnowsOnlyTypes = dependsOnlyOn("backend", "type", "random", "notice");

    @ArchTest
    static final ArchRule theSpiNeedsNothingButSlf4j = noClasses()
            .that()
            .resideInAPackage("org.alborz.backend..")
            .should()
            .dependOnClassesThat(resideOutsideOfPackages("org.alborz..", "java..", "org.slf4j.."));

    @ArchTest
    static final ArchRule autogradKnowsNothingThatIsBuiltOnIt = noClasses()
            .that()
            .resideInAnyPackage("org.alborz.tensor..", "org.alborz.autograd..", "org.alborz.ops..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.alborz.nn..",
                    "org.alborz.optim..",
                    "org.alborz.data..",
                    "org.alborz.train..",
                    "org.alborz.checkpoint..",
                    "org.alborz.models..",
                    "org.alborz.metrics..",
                    "org.alborz.inference..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheEngineReachesIntoTensors = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.alborz.tensor..", "org.alborz.autograd..", "org.alborz.ops..", "org.alborz.nn..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.alborz.tensor.TensorAccess");

    @ArchTest
    static final ArchRule layersKnowNothingOfTraining = noClasses()
            .that()
            .resideInAnyPackage("org.alborz.nn..", "org.alborz.models..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.alborz.optim..", "org.alborz.data..", "org.alborz.train..", "org.alborz.inference..")
            .because("a model can be used without being trained")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nothingIsMutableAndStatic =
            fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule slf4jIsTheOnlyLogging = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "ch.qos.logback..", "org.apache.logging..");

    @ArchTest
    static final ArchRule aLibraryDoesNotPrint = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.alborz.notice.Warnings")
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
            .because("only a warning that no logger would take goes to standard error");

    /** Says that a package depends on no package of the project but itself and the others named. */
    /** A simple name means one thing, so that star imports do not clash: the layer {@code Conv2d}, its operation {@code Conv2dOp}. */
    @ArchTest
    static void publicTypesHaveNamesOfTheirOwn(JavaClasses classes) {
        Map<String, Set<String>> packages = new TreeMap<>();
        for (JavaClass type : classes) {
            if (type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC)) {
                packages.computeIfAbsent(type.getSimpleName(), name -> new TreeSet<>())
                        .add(type.getPackageName());
            }
        }
        packages.values().removeIf(all -> all.size() == 1);
        assertThat(packages).as("public types of one simple name").isEmpty();
    }

    private static ArchRule dependsOnlyOn(String name, String... others) {
        String[] allowed = Stream.concat(Stream.of(name), Stream.of(others))
                .map(other -> "org.alborz." + other + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage("org.alborz." + name + "..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.alborz..").and(resideOutsideOfPackages(allowed)));
    }

    /** Leaves out the test classes, wherever the build puts them; ArchUnit's own option knows only the usual place. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }
}
