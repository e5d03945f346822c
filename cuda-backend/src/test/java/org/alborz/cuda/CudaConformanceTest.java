package org.alborz.cuda;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tck.BackendConformance;

final class CudaConformanceTest extends BackendConformance {
    @Override
    protected Backend open(BackendOptions options) {
        return SoftwareGpu.open(options);
    }
}
