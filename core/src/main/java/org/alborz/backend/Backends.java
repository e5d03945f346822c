package org.alborz.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends on the class path, and the choice among them. */
public final class Backends {
    /** The name that takes the usable backend of the highest priority. */
    public static final String AUTO = "auto";

    private static final Logger log = LoggerFactory.getLogger(Backends.class);

    private final List<Candidate> candidates;

    /**
     * A backend that was looked at.
     *
     * @param priority its rank for {@code auto}
     */
    public record Candidate(String name, int priority, Probe probe, BackendProvider provider) {}

    private Backends(List<Candidate> candidates) {
        this.candidates = candidates;
    }

    /** Finds and probes every provider on the class path; the most preferred comes first. */
    public static Backends find() {
        List<BackendProvider> providers = new ArrayList<>();
        var loader = ServiceLoader.load(BackendProvider.class).iterator();
        while (true) {
            try {
                if (!loader.hasNext()) {
                    break;
                }
                providers.add(loader.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                log.warn("A backend provider could not be loaded: {}", e.toString());
            }
        }
        return of(providers);
    }

    /** Probes the given providers. */
    public static Backends of(List<? extends BackendProvider> providers) {
        return new Backends(providers.stream()
                .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
                .map(p -> new Candidate(p.name(), p.priority(), probe(p), p))
                .toList());
    }

    /** Probes a provider; one that fails at it must not keep the others from being used. */
    private static Probe probe(BackendProvider provider) {
        try {
            return provider.probe();
        } catch (RuntimeException | LinkageError e) {
            log.debug("Probing the backend {} failed", provider.name(), e);
            return new Probe.Unusable(
                    "Looking for it failed: " + e + ".",
                    "Check that its artifact and Alborz have the same version; this is an error in its provider "
                            + provider.getClass().getName() + ".");
        }
    }

    /** Returns what was found, the most preferred first. */
    public List<Candidate> candidates() {
        return candidates;
    }

    /**
     * Opens a backend by name, or the most preferred one that can run for {@code auto}.
     *
     * @throws BackendUnavailableException when there is none of that name or it cannot run; never another one instead
     */
    public Backend open(String name, BackendOptions options) {
        if (candidates.isEmpty()) {
            throw new BackendUnavailableException(
                    "No backend is on the class path. Add the dependency org.alborz:alborz-cpu-backend.");
        }
        return name.equals(AUTO) ? openPreferred(options) : openNamed(name, options);
    }

    private Backend openPreferred(BackendOptions options) {
        StringBuilder failures = new StringBuilder();
        for (Candidate candidate : candidates) {
            if (candidate.probe() instanceof Probe.Unusable no) {
                log.info("Backend {} is not used: {} Remedy: {}", candidate.name(), no.reason(), no.remedy());
            } else {
                try {
                    Backend backend = candidate.provider().open(options);
                    log.info("Backend {} is used: {}", backend.name(), backend.device());
                    return backend;
                } catch (RuntimeException e) {
                    log.warn("Backend {} is not used: it could not be opened. {}", candidate.name(), e.getMessage());
                    log.debug("Opening the backend {} failed", candidate.name(), e);
                    failures.append(String.format("%n  %s: %s", candidate.name(), e.getMessage()));
                }
            }
        }
        throw new BackendUnavailableException("No backend can run here." + reasons() + failures);
    }

    private Backend openNamed(String name, BackendOptions options) {
        Candidate candidate = candidates.stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new BackendUnavailableException("Backend '" + name + "' does not exist; expected " + AUTO
                                + " or one of "
                                + candidates.stream().map(Candidate::name).toList()
                                + ". If it is the name of a backend, its artifact is not on the class path."));
        if (candidate.probe() instanceof Probe.Unusable no) {
            throw new BackendUnavailableException(
                    "Backend '" + name + "' cannot run: " + no.reason() + " Remedy: " + no.remedy());
        }
        return candidate.provider().open(options);
    }

    private String reasons() {
        StringBuilder text = new StringBuilder();
        for (Candidate candidate : candidates) {
            if (candidate.probe() instanceof Probe.Unusable no) {
                text.append(String.format("%n  %s: %s Remedy: %s", candidate.name(), no.reason(), no.remedy()));
            }
        }
        return text.toString();
    }
}
