package org.alborz.cpu.vector;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tck.BackendConformance;

final class VectorConformanceTest extends BackendConformance {
    @Override
    protected Backend open(BackendOptions options) {
        return new VectorBackend(options);
    }

    @Override
    protected int[] threads() {
        return new int[] {1, 2, 3, 5};
    }
}
