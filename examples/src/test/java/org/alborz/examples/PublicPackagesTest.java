package org.alborz.examples;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The examples use what is for users, and nothing else of the engine; only an operation is written with what operations are. */
@AnalyzeClasses(packages = "org.alborz.examples", importOptions = ImportOption.DoNotIncludeTests.class)
final class PublicPackagesTest {
    @ArchTest
    static final ArchRule examplesImportOnlyPublicPackages = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(CustomOperation.class.getName())
            .and()
            .areNotMemberClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("org.alborz..")
                    .and(resideOutsideOfPackages(PublicPackages.NAMES.toArray(String[]::new)))
                    .and(resideOutsideOfPackages("org.alborz.examples..")))
            .because("a program that uses the engine needs nothing that backends and operations are written with");
}
