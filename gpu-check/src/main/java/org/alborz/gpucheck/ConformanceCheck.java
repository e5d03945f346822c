package org.alborz.gpucheck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.function.Predicate;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs parts of the conformance suite and counts its tests. */
final class ConformanceCheck implements Check {
    private static final String GRADIENTS = "gradients";

    private final String name;
    private final Class<?> suite;
    private final String backend;
    private final Predicate<String> methods;
    private final Log log;

    /** Makes a check of the methods of a class whose names satisfy a predicate. */
    ConformanceCheck(String name, Class<?> suite, String backend, Predicate<String> methods, Log log) {
        this.name = name;
        this.suite = suite;
        this.backend = backend;
        this.methods = methods;
        this.log = log;
    }

    /** Returns the suite but for the checks of gradients. */
    static Check suite(String backend, boolean all, Log log) {
        Predicate<String> methods =
                all ? method -> !method.startsWith(GRADIENTS) : method -> method.equals("randomNumbers");
        return new ConformanceCheck("conformance", GpuConformance.class, backend, methods, log);
    }

    /** Returns the suite's checks of gradients against differences and of gradients of gradients. */
    static Check gradients(String backend, boolean all, Log log) {
        Predicate<String> methods =
                all ? method -> method.startsWith(GRADIENTS) : method -> method.equals("gradientsOfStridedInputs");
        return new ConformanceCheck(GRADIENTS, GpuConformance.class, backend, methods, log);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void run(Rows rows) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(suite))
                .filters((PostDiscoveryFilter) this::filter)
                .configurationParameter(BackendParameter.KEY, backend)
                .build();
        ConformanceListener found = new ConformanceListener(name, rows, log);
        Launcher launcher = LauncherFactory.create();
        launcher.execute(request, found);
        // A suite in which nothing ran has shown nothing.
        rows.judged(name, found.failed() == 0 && found.passed() > 0, "%s", found.figure());
    }

    private FilterResult filter(TestDescriptor descriptor) {
        return descriptor
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> FilterResult.includedIf(methods.test(((MethodSource) source).getMethodName())))
                .orElse(FilterResult.included("no method"));
    }
}
