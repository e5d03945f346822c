package org.alborz.cuda;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.softwarecuda.SoftwareDevice;
import org.alborz.tck.BackendConformance;
import org.junit.jupiter.api.Tag;

/** The same with work that is done only where the host waits for it, as on a GPU that lags far behind: finds what does not wait. */
@Tag("sweep")
final class DeferredConformanceTest extends BackendConformance {
    @Override
    protected Backend open(BackendOptions options) {
        SoftwareDevice device = SoftwareGpu.device();
        device.deferred(true);
        return new CudaBackend(options);
    }
}
