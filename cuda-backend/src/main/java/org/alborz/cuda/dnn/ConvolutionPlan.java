package org.alborz.cuda.dnn;

import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardData;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBackwardFilter;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionBiasActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardWorkspaceSize;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.alborz.cuda.driver.Resources;
import org.alborz.cuda.driver.WorkKind;
import org.alborz.cuda.memory.DeviceMemoryException;
import org.alborz.cuda.memory.DevicePool;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One convolution of fixed sizes: its descriptors, and the algorithm that was chosen for it.
 *
 * <p>The candidates are cuDNN's own, in its order; deterministic ones whose scratch memory is within bounds. Which of them runs is found
 * out by the first call, since a version of the library may refuse what its heuristics proposed. Where algorithms are timed
 * ({@link AlgorithmFile}), the first call tries all of them and puts the fastest first, unless the file has one already.
 */
public final class ConvolutionPlan implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConvolutionPlan.class);
    /** Bytes of scratch memory that an algorithm may need. */
    public static final long MOST_WORKSPACE = 256L << 20;

    private static final int NO_WORKSPACE = 0;

    private final Dnn dnn;
    private final DevicePool pool;
    private final ConvolutionKey key;
    private final Resources resources = new Resources();
    private final cudnnTensorDescriptor x;
    private final cudnnFilterDescriptor w;
    private final cudnnTensorDescriptor y;
    private final cudnnConvolutionDescriptor convolution;

    /** Null unless the call adds a bias and rectifies, as the next one. */
    private final cudnnTensorDescriptor bias;

    private final cudnnActivationDescriptor rectifier;
    private final List<Candidate> candidates;
    private int chosen;

    /** Whether the order of the candidates stands. */
    private boolean ordered;

    /** The one that does not add its result in place; -1 where none is known. */
    private int refusesSum = -1;

    public ConvolutionPlan(Dnn dnn, DevicePool pool, ConvolutionKey key) {
        this.dnn = dnn;
        this.pool = pool;
        this.key = key;
        DType dtype = key.dtype();
        try {
            this.x = Descriptors.images(resources, dtype, key.x());
            this.w = Descriptors.filter(resources, dtype, key.w());
            this.y = Descriptors.images(resources, dtype, key.y());
            this.convolution =
                    Descriptors.convolution(resources, key.parameters(), Descriptors.mathType(dtype, dnn.tf32()));
            int channels = key.w().size(0);
            this.bias = key.rectified() ? Descriptors.images(resources, dtype, Shape.of(1, channels, 1, 1)) : null;
            this.rectifier = key.rectified() ? Descriptors.rectifier(resources) : null;
            this.candidates = new ArrayList<>(runnable(offered()));
        } catch (RuntimeException | Error e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private List<Integer> offered() {
        return switch (key.pass()) {
            case FORWARD -> Algorithms.forward(dnn, x, w, convolution, y);
            case BACKWARD_DATA -> Algorithms.backwardData(dnn, w, y, convolution, x);
            case BACKWARD_FILTER -> Algorithms.backwardFilter(dnn, x, y, convolution, w);
        };
    }

    /** Keeps the algorithms that are within bounds, with the scratch memory that they really need. */
    private List<Candidate> runnable(List<Integer> offered) {
        return offered.stream()
                .map(number -> new Candidate(number, workspace(number)))
                .filter(candidate -> candidate.workspace() <= MOST_WORKSPACE)
                .toList();
    }

    /** Asks for the scratch memory of an algorithm with the arithmetic that was chosen: lists name that of another, too. */
    private long workspace(int number) {
        long[] bytes = {0};
        int status = switch (key.pass()) {
            case FORWARD -> cudnnGetConvolutionForwardWorkspaceSize(dnn.handle(), x, w, convolution, y, number, bytes);
            case BACKWARD_DATA ->
                cudnnGetConvolutionBackwardDataWorkspaceSize(dnn.handle(), w, y, convolution, x, number, bytes);
            case BACKWARD_FILTER ->
                cudnnGetConvolutionBackwardFilterWorkspaceSize(dnn.handle(), x, y, convolution, w, number, bytes);
        };
        if (Dnn.isNotSupported(status)) {
            return Long.MAX_VALUE;
        }
        Dnn.check(status, "cudnnGetConvolution...WorkspaceSize of algorithm " + number + " for " + key);
        return bytes[0];
    }

    /**
     * What a rectified convolution adds before it rectifies.
     *
     * @param bias one number a channel
     * @param addend of the result's shape, or null
     */
    public record Terms(Pointer bias, Pointer addend) {}

    /**
     * Runs the pass: forward reads {@code a} = x and {@code b} = w, backward-data w and dy, backward-filter x and dy.
     *
     * @param terms of a key that is rectified, else null
     * @return whether it was run; false where cuDNN has no algorithm for it
     */
    public boolean run(Pointer a, Pointer b, Terms terms, Pointer result) {
        order(a, b, terms);
        while (chosen < candidates.size()) {
            int status = call(candidates.get(chosen), a, b, terms, result, dnn.zero());
            if (status == 0) {
                tell(terms, 0);
                return true;
            }
            if (!Dnn.isNotSupported(status)) {
                Dnn.check(status, "cudnn convolution " + key + " with " + candidates.get(chosen));
            }
            log.debug("cuDNN does not run {} for {}; the next is tried.", candidates.get(chosen), key);
            chosen++;
        }
        return false;
    }

    /**
     * Runs backward-data as {@link #run} does, and adds its result to what is there.
     *
     * @return whether it was done; false where the algorithm that was chosen cannot, and nothing was changed
     */
    public boolean add(Pointer a, Pointer b, Pointer sum) {
        order(a, b, null);
        if (chosen == candidates.size() || chosen == refusesSum) {
            return false;
        }
        int status = call(candidates.get(chosen), a, b, null, sum, dnn.one());
        if (Dnn.isNotSupported(status)) {
            log.debug("cuDNN does not add the result of {} in place.", key);
            refusesSum = chosen; // and is not asked again
            return false;
        }
        Dnn.check(status, "cudnn convolution " + key + " with " + candidates.get(chosen) + " added in place");
        tell(null, key.x().elements());
        return true;
    }

    /** Returns the algorithm that the next call takes, if there is one. */
    public Optional<ChosenAlgorithm> algorithm() {
        return candidates.stream()
                .skip(chosen)
                .findFirst()
                .map(candidate -> new ChosenAlgorithm(key, candidate.number(), candidate.workspace()));
    }

    /**
     * Puts the candidate that was or is found to be the fastest first, once; so a captured step, whose first run was eager, has the same. What is
     * captured first cannot be timed, and stays in cuDNN's order.
     */
    private void order(Pointer a, Pointer b, Terms terms) {
        if (ordered) {
            return;
        }
        ordered = true;
        AlgorithmFile file = dnn.algorithms();
        if (file == null) {
            return;
        }
        OptionalInt known = file.number(key);
        if (known.isEmpty() && candidates.size() > 1 && !dnn.stream().isCapturing()) {
            known = file.agreed(key, Optional.empty());
            if (known.isEmpty()) {
                known = file.agreed(key, fastest(a, b, terms));
            }
        }
        known.ifPresent(this::putFirst);
    }

    private void putFirst(int number) {
        Optional<Candidate> first =
                candidates.stream().filter(c -> c.number() == number).findFirst();
        if (first.isEmpty()) {
            log.warn(
                    "cuDNN does not offer algorithm {}, which was chosen for {}; results may differ from those of earlier runs in their last bits.",
                    number,
                    key);
            return;
        }
        candidates.remove(first.get());
        candidates.add(0, first.get());
    }

    /**
     * Tries all candidates on memory of their own, so that the result and what a sum is added to stay as they are; empty where cuDNN refuses all
     * of them or the device lacks that memory.
     */
    private Optional<AlgorithmFile.Timing> fastest(Pointer a, Pointer b, Terms terms) {
        List<AlgorithmFile.Timing> timings = new ArrayList<>();
        long elements = (switch (key.pass()) {
                    case FORWARD -> key.y();
                    case BACKWARD_DATA -> key.x();
                    case BACKWARD_FILTER -> key.w();
                })
                .elements();
        try (TemporaryBuffer result = pool.borrow(key.dtype(), elements)) {
            for (Candidate candidate : candidates) {
                double time =
                        microseconds(candidate, a, b, terms, result.buffer().pointer(0));
                timings.add(new AlgorithmFile.Timing(candidate.number(), time));
            }
        } catch (DeviceMemoryException e) {
            log.warn(
                    "The algorithms of {} are not timed, since that needs a second result and workspace: cuDNN's choice is taken, and is not in the"
                            + " file, so a run that is resumed may take another. {}",
                    key,
                    e.getMessage());
            return Optional.empty();
        }
        return timings.stream()
                .filter(timing -> timing.microseconds() < Double.POSITIVE_INFINITY)
                .min(Comparator.comparingDouble(AlgorithmFile.Timing::microseconds));
    }

    /** Returns the shortest time of some calls; infinity where cuDNN refuses them. */
    private double microseconds(Candidate candidate, Pointer a, Pointer b, Terms terms, Pointer result) {
        return Stopwatch.microseconds(dnn.stream(), () -> {
            int status = call(candidate, a, b, terms, result, dnn.zero());
            if (!Dnn.isNotSupported(status)) {
                Dnn.check(status, "cudnn convolution " + key + " with " + candidate);
            }
            return status == 0;
        });
    }

    /**
     * Tells the stream's observer of the pass: each operand is read or written once, scratch memory does not count.
     *
     * @param updated the elements of the result that are read as well
     */
    private void tell(Terms terms, long updated) {
        if (dnn.stream().isObserved()) {
            long weights = key.w().elements();
            long elements = key.x().elements() + weights + key.y().elements() + updated;
            String name =
                    "convolution " + key.pass().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            if (terms != null) {
                name += " with bias and rectifier";
                elements +=
                        key.w().size(0) + (terms.addend() == null ? 0 : key.y().elements());
            }
            long operations = 2 * key.y().elements() * (weights / key.w().size(0));
            dnn.stream().tell(WorkKind.CONVOLUTION, name, elements * key.dtype().bytes(), operations);
        }
    }

    /** @param before what the result's content is multiplied by before it is added */
    private int call(Candidate candidate, Pointer a, Pointer b, Terms terms, Pointer result, Pointer before) {
        if (candidate.workspace() == NO_WORKSPACE) {
            return call(candidate, a, b, terms, result, before, null);
        }
        try (TemporaryBuffer workspace =
                pool.borrow(DType.INT32, (candidate.workspace() + Integer.BYTES - 1) / Integer.BYTES)) {
            return call(
                    candidate, a, b, terms, result, before, workspace.buffer().pointer(0));
        }
    }

    private int call(
            Candidate candidate, Pointer a, Pointer b, Terms terms, Pointer result, Pointer before, Pointer workspace) {
        if (terms != null) {
            return rectified(candidate, a, b, terms, result, workspace);
        }
        int number = candidate.number();
        long bytes = candidate.workspace();
        Pointer one = dnn.one();
        return switch (key.pass()) {
            case FORWARD ->
                cudnnConvolutionForward(
                        dnn.handle(), one, x, a, w, b, convolution, number, workspace, bytes, before, y, result);
            case BACKWARD_DATA ->
                cudnnConvolutionBackwardData(
                        dnn.handle(), one, w, a, y, b, convolution, number, workspace, bytes, before, x, result);
            case BACKWARD_FILTER ->
                cudnnConvolutionBackwardFilter(
                        dnn.handle(), one, x, a, y, b, convolution, number, workspace, bytes, before, w, result);
        };
    }

    private int rectified(Candidate candidate, Pointer a, Pointer b, Terms terms, Pointer result, Pointer workspace) {
        Pointer addend = terms.addend();
        return cudnnConvolutionBiasActivationForward(
                dnn.handle(),
                dnn.one(),
                x,
                a,
                w,
                b,
                convolution,
                candidate.number(),
                workspace,
                candidate.workspace(),
                addend == null ? dnn.zero() : dnn.one(),
                y,
                addend == null ? result : addend, // with the factor 0 it is not read
                bias,
                terms.bias(),
                rectifier,
                y,
                result);
    }

    @Override
    public void close() {
        resources.close();
    }
}
