package org.alborz.gpucheck;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tck.BackendConformance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The conformance suite on a backend of the class path, named by the configuration parameter {@link BackendParameter#KEY}. */
@ExtendWith(BackendParameter.class)
final class GpuConformance extends BackendConformance {
    private final Subject subject;

    GpuConformance(Subject subject) {
        this.subject = subject;
    }

    @Override
    protected Backend open(BackendOptions options) {
        return subject.open(options);
    }
}
