package org.alborz.cpu;

import java.util.Locale;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.Probe;
import org.alborz.cpu.vector.SpeedProbe;
import org.alborz.cpu.vector.VectorBackend;

/**
 * Offers {@code cpu-vector} where the Vector API is there and fast. This class names no type of the incubator module, so that it
 * loads without it.
 */
public final class VectorProvider implements BackendProvider {
    private static final int PRIORITY = 50;
    private static final String MODULE = "jdk.incubator.vector";

    @Override
    public String name() {
        return "cpu-vector";
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public Probe probe() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return new Probe.Unusable(
                    "The Vector API (module " + MODULE + ") is not loaded.",
                    "Start Java with --add-modules " + MODULE + ".");
        }
        try {
            SpeedProbe speed = SpeedProbe.result();
            return speed.isFast() ? new Probe.Usable(VectorBackend.device(0)) : tooSlow(speed);
        } catch (LinkageError e) {
            return new Probe.Unusable(
                    "The Vector API of this Java (" + System.getProperty("java.version")
                            + ") does not fit this backend: " + e + ".",
                    "Use Java 17 to 25, or the backend cpu-scalar.");
        }
    }

    private static Probe tooSlow(SpeedProbe speed) {
        return new Probe.Discouraged(
                VectorBackend.device(0),
                String.format(
                        Locale.ROOT,
                        "The Vector API is present but was slower than plain Java when it was measured (%.1f GFLOP/s against %.1f)%s.",
                        speed.vectorGflops(),
                        speed.plainGflops(),
                        speed.isDisturbed()
                                ? ", while other programs took the processor; it is measured again next time"
                                : ""),
                "Use a HotSpot JVM with the C2 compiler (no -Xint, -XX:TieredStopAtLevel or -XX:-UseFMA) on a processor with AVX2,"
                        + " AVX-512, NEON or SVE; on a busy machine, name cpu-vector; or choose cpu-scalar.");
    }

    @Override
    public Backend open(BackendOptions options) {
        return new VectorBackend(options);
    }
}
