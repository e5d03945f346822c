package org.alborz.cpu.scalar;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tck.BackendConformance;

final class ScalarConformanceTest extends BackendConformance {
    @Override
    protected Backend open(BackendOptions options) {
        return new ScalarBackend(options);
    }
}
