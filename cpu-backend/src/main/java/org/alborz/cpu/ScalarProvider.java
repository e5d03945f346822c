package org.alborz.cpu;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.Probe;
import org.alborz.cpu.scalar.ScalarBackend;

/** Offers {@code cpu-scalar}, which runs on every JVM. */
public final class ScalarProvider implements BackendProvider {
    private static final int PRIORITY = 10;

    @Override
    public String name() {
        return ScalarBackend.NAME;
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public Probe probe() {
        return new Probe.Usable(ScalarBackend.DEVICE);
    }

    @Override
    public Backend open(BackendOptions options) {
        return new ScalarBackend(options);
    }
}
