package org.alborz.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.alborz.notice.Warnings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends on the class path, and the choice among them. */
public final class Backends {
    /** The name that takes the usable backend of the highest priority. */
    public static final String AUTO = "auto";

    private static final Logger log = LoggerFactory.getLogger(Backends.class);

    private final List<Candidate> candidates;

    /** A backend on the class path. */
    public static final class Candidate {
        private final BackendProvider provider;
        private Probe probe;

        private Candidate(BackendProvider provider) {
            this.provider = provider;
        }

        public String name() {
            return provider.name();
        }

        /** Returns its rank for {@code auto}. */
        public int priority() {
            return provider.priority();
        }

        public BackendProvider provider() {
            return provider;
        }

        /** Returns whether it can run; it is looked at once, when somebody asks for the first time. */
        public synchronized Probe probe() {
            if (probe == null) {
                probe = Backends.probe(provider);
            }
            return probe;
        }
    }

    private Backends(List<Candidate> candidates) {
        this.candidates = candidates;
    }

    /** Finds every provider on the class path; the most preferred comes first. */
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
                Warnings.warn(log, "A backend provider could not be loaded: " + e);
            }
        }
        return of(providers);
    }

    /** Takes the given providers. */
    public static Backends of(List<? extends BackendProvider> providers) {
        return new Backends(providers.stream()
                .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
                .map(Candidate::new)
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
        Backend opened = openFirst(Probe.Usable.class, options, failures);
        if (opened == null) {
            opened = openFirst(Probe.Discouraged.class, options, failures);
        }
        if (opened == null) {
            throw new BackendUnavailableException("No backend can run here." + reasons() + failures);
        }
        log.info("Backend {} is used: {}", opened.name(), opened.device());
        return opened;
    }

    /** Opens the most preferred backend of a kind, or returns null; says which more preferred ones it passes over. */
    private Backend openFirst(Class<? extends Probe> kind, BackendOptions options, StringBuilder failures) {
        boolean lastResort = kind == Probe.Discouraged.class;
        for (Candidate candidate : candidates) {
            if (!kind.isInstance(candidate.probe())) {
                if (!lastResort) {
                    sayPassedOver(candidate);
                }
                continue;
            }
            try {
                return candidate.provider().open(options);
            } catch (RuntimeException | LinkageError e) {
                Warnings.warn(
                        log, "Backend " + candidate.name() + " is not used: it could not be opened. " + e.getMessage());
                log.debug("Opening the backend {} failed", candidate.name(), e);
                failures.append(String.format("%n  %s: %s", candidate.name(), e.getMessage()));
            }
        }
        return null;
    }

    private static void sayPassedOver(Candidate candidate) {
        if (candidate.probe() instanceof Probe.Unusable no) {
            String text = "Backend " + candidate.name() + " is not used: " + no.reason() + " Remedy: " + no.remedy();
            if (no.expected()) {
                log.info(text);
            } else {
                Warnings.warn(log, text);
            }
        } else if (candidate.probe() instanceof Probe.Discouraged slow) {
            Warnings.warn(
                    log,
                    "Backend " + candidate.name() + " is passed over: " + slow.reason() + " Remedy: " + slow.remedy());
        }
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
        if (candidate.probe() instanceof Probe.Discouraged slow) {
            Warnings.warn(
                    log,
                    "Backend " + name + " is used, since it was named: " + slow.reason() + " Remedy: " + slow.remedy());
        }
        return candidate.provider().open(options);
    }

    /** Returns the one that {@code auto} would take, if it can be opened. */
    public Optional<Candidate> preferred() {
        return first(Probe.Usable.class).or(() -> first(Probe.Discouraged.class));
    }

    private Optional<Candidate> first(Class<? extends Probe> kind) {
        return candidates.stream().filter(c -> kind.isInstance(c.probe())).findFirst();
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
