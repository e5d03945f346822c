package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.alborz.cuda.natives.NativeLibraries;
import org.alborz.softwarecuda.SoftwareCuda;
import org.alborz.softwarecuda.SoftwareDevice;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives each test the software libraries, which check calls and compute nothing, and looks for what the test left on their device. */
final class IdleSoftwareGpu implements BeforeEachCallback, AfterEachCallback {
    private SoftwareDevice device;

    @Override
    public void beforeEach(ExtensionContext context) {
        SoftwareCuda built = SoftwareCuda.build();
        assumeTrue(built instanceof SoftwareCuda.Ready, () -> "SKIPPED: " + built);
        NativeLibraries.loadFrom(SoftwareCuda.folder());
        device = new SoftwareDevice(SoftwareCuda.folder());
        device.idle(true);
    }

    SoftwareDevice device() {
        return device;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (device != null) {
            device.refuseGraphs(false);
            try {
                assertThat(device.leaks()).isEmpty();
            } finally {
                device.reset();
            }
        }
    }
}
