package org.alborz.cuda;

import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BackendProvider;
import org.alborz.backend.BackendUnavailableException;
import org.alborz.backend.Probe;
import org.alborz.cuda.natives.Host;
import org.alborz.cuda.natives.Problem;

/** Finds out whether CUDA can be used here, says what is missing, and opens the backend. */
public final class CudaProvider implements BackendProvider {
    private final Host host;
    private CudaCheck check;

    /** Looks at this machine when it is asked to. */
    public CudaProvider() {
        this(Host.ofThis());
    }

    CudaProvider(Host host) {
        this.host = host;
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int priority() {
        return 100;
    }

    @Override
    public Probe probe() {
        return probe(check());
    }

    /** Tells whether nothing is wrong: CUDA does not exist for the platform, or there is neither a driver nor a GPU to drive. */
    private static boolean isExpected(CudaCheck check, Problem worst) {
        return worst.key().equals("platform")
                || worst.key().equals("driver") && !check.host().hasNvidiaGpu();
    }

    private static Probe probe(CudaCheck check) {
        if (check.problems().isEmpty()) {
            return new Probe.Usable(check.device());
        }
        Problem worst = check.problems().get(0);
        int more = check.problems().size() - 1;
        return new Probe.Unusable(
                worst.reason() + (more == 0 ? "" : " And " + more + " more to fix, which ./alborz doctor shows."),
                worst.remedyWithCommands(),
                isExpected(check, worst));
    }

    @Override
    public Backend open(BackendOptions options) {
        CudaCheck check = check();
        if (probe(check) instanceof Probe.Unusable no) {
            throw new BackendUnavailableException(
                    "Backend '" + name() + "' cannot run: " + no.reason() + " Remedy: " + no.remedy());
        }
        requireUsable(check, options.device());
        return new CudaBackend(options);
    }

    private static void requireUsable(CudaCheck check, int device) {
        var gpus = check.loaded().orElseThrow().gpus();
        if (device < 0 || device >= gpus.size() || !gpus.get(device).usable()) {
            throw new BackendUnavailableException("CUDA device " + device + " cannot be used; expected one of "
                    + gpus.stream()
                            .filter(Gpu::usable)
                            .map(g -> g.ordinal() + " (" + g + ")")
                            .toList()
                    + ".");
        }
    }

    /** Looks once: what is loaded stays loaded. */
    private synchronized CudaCheck check() {
        if (check == null) {
            check = CudaCheck.quickly(host);
        }
        return check;
    }
}
