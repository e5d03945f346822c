package org.alborz.cuda;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.tck.BackendConformance;
import org.junit.jupiter.api.Tag;

@Tag("emulation")
final class CudaConformanceTest extends BackendConformance {
    @Override
    protected Backend open(BackendOptions options) {
        return SoftwareGpu.open(options);
    }
}
