package org.alborz.cuda.dnn.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.alborz.cuda.dnn.AlgorithmFile;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.PlanCache;
import org.alborz.cuda.dnn.Stopwatch;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.cuda.memory.DeviceMemoryException;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolutions and what follows them by cuDNN's graph API, with a plan for each shape; not where cuDNN has no engine for such a graph, or where
 * separate calls were timed to be faster ({@link AlgorithmFile}).
 */
public final class FusedConvolutions implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FusedConvolutions.class);

    /** What stands for separate calls in a file of algorithms, where engines have their numbers. */
    private static final int SEPARATE_CALLS = 999;

    private final Dnn dnn;
    private final GraphLibrary library;
    private final DevicePool pool;
    private final PlanCache<FusionKey, Fusion> fusions;
    private final Set<String> refusals = new HashSet<>();

    /** How a convolution is done: by a plan, or by separate calls where that is null. */
    private static final class Fusion implements AutoCloseable {
        private GraphPlan plan;

        /** Whether it is known whether separate calls are faster, and which engine is the fastest. */
        private boolean isChosen;

        @Override
        public void close() {
            if (plan != null) {
                plan.close();
                plan = null;
            }
        }
    }

    public FusedConvolutions(Dnn dnn, DevicePool pool) {
        this.dnn = dnn;
        this.library = new GraphLibrary(dnn);
        this.pool = pool;
        this.fusions = new PlanCache<>(this::make);
    }

    private Fusion make(FusionKey key) {
        Fusion fusion = new Fusion();
        try {
            fusion.plan = new GraphPlan(library, pool, key);
        } catch (RefusedGraphException e) {
            tellOfRefusal(key, e);
        }
        return fusion;
    }

    /** Says once for each reason that separate calls are made. */
    private void tellOfRefusal(FusionKey key, RefusedGraphException e) {
        String what = key.following().text() + ": ";
        if (!refusals.add(what + e.getMessage())) {
            log.debug("cuDNN has no engine for {}: {}", key.text(), e.getMessage());
        } else if (e.isUnsupported()) {
            log.info(
                    "cuDNN has no engine for {}, so separate calls do it: {}. Another version of cuDNN or another GPU may have one.",
                    key.text(),
                    e.getMessage());
        } else {
            log.warn(
                    "cuDNN finds a mistake in the graph of {}, so separate calls do it: {}. Please report this with the version of cuDNN.",
                    key.text(),
                    e.getMessage());
        }
    }

    /**
     * Computes a convolution and what follows it.
     *
     * @param memory the address of each tensor of the graph
     * @param separately makes the separate calls, with a result of its own, for comparing times
     * @return whether it was done; false where separate calls are to do it, and nothing was written
     */
    public boolean run(FusionKey key, Map<Place, Long> memory, Consumer<TemporaryBuffer> separately) {
        if (memory.values().stream().anyMatch(address -> address % GraphTensor.ALIGNMENT != 0)) {
            return false;
        }
        Fusion fusion = fusions.of(key);
        if (fusion.plan == null) {
            return false;
        }
        choose(fusion, key, memory, separately);
        if (fusion.plan == null) {
            return false;
        }
        if (!fusion.plan.run(memory)) {
            tellOfRefusal(key, new RefusedGraphException("its engine refuses to run", true));
            fusion.close();
            return false;
        }
        tell(key);
        return true;
    }

    /** Puts the engine first that was or is found to be the fastest, once; where separate calls are, the plan is given up. */
    private void choose(Fusion fusion, FusionKey key, Map<Place, Long> memory, Consumer<TemporaryBuffer> separately) {
        AlgorithmFile file = dnn.algorithms();
        if (fusion.isChosen || file == null) {
            return;
        }
        fusion.isChosen = true;
        OptionalInt known = file.number(key);
        if (known.isEmpty() && !dnn.stream().isCapturing()) {
            known = file.agreed(key, Optional.empty());
            if (known.isEmpty()) {
                known = file.agreed(key, fastest(fusion.plan, key, memory, separately));
            }
        }
        if (known.isEmpty()) {
            return;
        }
        int number = known.getAsInt();
        Optional<GraphEngine> engine = fusion.plan.engines().stream()
                .filter(e -> e.number() == number && e.fits())
                .findFirst();
        if (engine.isPresent()) {
            fusion.plan.putFirst(engine.get());
        } else if (number == SEPARATE_CALLS) {
            log.debug("Separate calls are faster than an engine of cuDNN's for {}.", key.text());
            fusion.close();
        } else {
            log.warn(
                    "cuDNN does not offer engine {}, which was chosen for {}; results may differ from those of earlier runs in their last bits.",
                    number,
                    key);
        }
    }

    private Optional<AlgorithmFile.Timing> fastest(
            GraphPlan plan, FusionKey key, Map<Place, Long> memory, Consumer<TemporaryBuffer> separately) {
        List<AlgorithmFile.Timing> timings = new ArrayList<>();
        long channels = key.convolution().y().size(1);
        try (TemporaryBuffer y = pool.borrow(
                        key.convolution().dtype(), key.convolution().y().elements());
                TemporaryBuffer sum = pool.borrow(DType.FLOAT32, channels);
                TemporaryBuffer squares = pool.borrow(DType.FLOAT32, channels)) {
            Map<Place, Long> scratch = new EnumMap<>(memory);
            scratch.put(Place.Y, y.address());
            scratch.computeIfPresent(Place.SUM, (place, address) -> sum.address());
            scratch.computeIfPresent(Place.SQUARES, (place, address) -> squares.address());
            for (GraphEngine engine : plan.engines()) {
                double time = engine.fits()
                        ? Stopwatch.microseconds(dnn.stream(), () -> plan.run(engine, scratch))
                        : Double.POSITIVE_INFINITY;
                timings.add(new AlgorithmFile.Timing(engine.number(), time));
            }
            double time = Stopwatch.microseconds(dnn.stream(), () -> {
                separately.accept(y);
                return true;
            });
            timings.add(new AlgorithmFile.Timing(SEPARATE_CALLS, time));
        } catch (DeviceMemoryException e) {
            log.warn(
                    "The engines of {} are not timed, since that needs a second result: cuDNN's choice is taken. {}",
                    key,
                    e.getMessage());
            return Optional.empty();
        }
        return timings.stream().min(Comparator.comparingDouble(AlgorithmFile.Timing::microseconds));
    }

    /** Tells the stream's observer: each tensor with memory is read or written once. */
    private void tell(FusionKey key) {
        if (!dnn.stream().isObserved()) {
            return;
        }
        ConvolutionKey c = key.convolution();
        long channels = c.y().size(1);
        long elements = c.x().elements() + c.w().elements() + c.y().elements();
        long sums = 0;
        if (key.following() instanceof Following.BiasActivation f) {
            elements += channels + (f.hasAddend() ? c.y().elements() : 0);
        } else {
            sums = 2 * channels * Float.BYTES;
        }
        long operations = 2 * c.y().elements() * (c.w().elements() / c.w().size(0));
        String name = "convolution forward with " + key.following().text();
        dnn.stream().tell(WorkKind.CONVOLUTION, name, elements * c.dtype().bytes() + sums, operations);
    }

    @Override
    public void close() {
        try (library) {
            fusions.close();
        }
    }
}
