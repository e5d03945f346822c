package org.alborz.cuda.dnn.graph;

import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what cuDNN answered instead of making or running a plan, once for each reason; at DEBUG from then on. */
final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(FusedConvolutions.class);
    private static final String REMEDY =
            "Install all libraries of one version of cuDNN, libcudnn_engines_runtime_compiled among them, and NVRTC of a version of CUDA that fits.";

    private final Set<String> told = new HashSet<>();

    /** Says that separate calls are made, since there is no plan. */
    void tell(FusionKey key, RefusedGraphException e) {
        if (!told.add(key.following().text() + ": " + e.getMessage())) {
            log.debug("Separate calls do {}: {}.", key.text(), e.getMessage());
            return;
        }
        switch (e.reason()) {
            case UNSUPPORTED ->
                log.info(
                        "cuDNN has no engine for {}, so separate calls do it: {}. Another version of cuDNN or another GPU may have one.",
                        key.text(),
                        e.getMessage());
            case MISTAKE ->
                log.warn(
                        "cuDNN finds a mistake in the graph of {}, so separate calls do it: {}. Please report this with the version of cuDNN.",
                        key.text(),
                        e.getMessage());
            case FAILURE ->
                log.warn(
                        "cuDNN makes no plan for {}, so separate calls do it: {}. {}",
                        key.text(),
                        e.getMessage(),
                        REMEDY);
        }
    }

    /** Says that an engine is passed over. */
    void tellOfEngine(FusionKey key, int number, RefusedGraphException e) {
        if (e.reason() == RefusedGraphException.Reason.FAILURE && told.add(e.getMessage())) {
            log.warn("cuDNN fails with engine {} for {}: {}. {}", number, key.text(), e.getMessage(), REMEDY);
        } else {
            log.debug("Engine {} is passed over for {}: {}.", number, key.text(), e.getMessage());
        }
    }
}
