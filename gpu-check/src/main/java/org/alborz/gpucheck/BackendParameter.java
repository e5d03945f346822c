package org.alborz.gpucheck;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands the backend that a JUnit run is for to the class under test. */
final class BackendParameter implements ParameterResolver {
    /** The configuration parameter that holds the backend's name. */
    static final String KEY = "org.alborz.gpucheck.backend";

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Subject.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getConfigurationParameter(KEY)
                .map(Subject::named)
                .orElseThrow(() -> new IllegalStateException("The configuration parameter " + KEY + " is not set"));
    }
}
