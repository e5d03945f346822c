package org.alborz.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.alborz.backend.BinaryOp;
import org.alborz.ops.Convert;
import org.alborz.ops.Engine;
import org.alborz.ops.LayerPaths;
import org.alborz.ops.Op;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.Layout;

/**
 * Records operations on the tensors it watches, and computes gradients from the record.
 *
 * <p>{@link #gradients} releases each saved value at its last use and ends the recording; {@link #differentiableGradients}
 * keeps everything and records the gradients too, for gradients of higher order.
 */
public final class Tape implements AutoCloseable {
    private static final Node[] NO_INPUTS = {};

    private final Session session;
    private final Scope home;
    private final List<Node> nodes = new ArrayList<>();
    private boolean recording = true;
    private boolean released;

    /** Makes a tape whose watched tensors belong to the scope that is innermost now, and that is closed with it at the latest. */
    public Tape(Session session) {
        this(session, session.innermostScope());
    }

    /** Makes a tape whose watched tensors belong to the given scope, and that is closed with it at the latest. */
    public Tape(Session session, Scope home) {
        this.session = session;
        this.home = home;
        home.closeWithScope(this);
    }

    /** Returns the same values as a tensor whose use is recorded from now on. */
    public Tensor watch(Tensor tensor) {
        session.check();
        if (!tensor.dtype().isFloating()) {
            throw new IllegalArgumentException("A tape watches floating tensors, got " + tensor.describe());
        }
        if (tensor.session() != session) {
            throw new IllegalArgumentException("A tape watches tensors of its own session on "
                    + session.backend().name() + ", got " + tensor.describe() + " of a session on "
                    + tensor.session().backend().name());
        }
        requireUnreleased();
        Tensor watched = home.adopt(tensor.detach());
        append(watched, null, 0, NO_INPUTS);
        return watched;
    }

    Session session() {
        return session;
    }

    boolean isRecording() {
        return recording;
    }

    /** Returns the kinds of the operations that are recorded now, in the order of their first use. */
    public Set<Class<?>> operations() {
        session.requireOwner();
        session.engine().lookahead().settle();
        Set<Class<?>> kinds = new LinkedHashSet<>();
        for (Node node : nodes) {
            if (!node.isLeaf()) {
                kinds.add(node.operation());
            }
        }
        return kinds;
    }

    Node append(Tensor output, Op op, int result, Node... inputs) {
        requireUnreleased();
        Node node = new Node(this, nodes.size(), output, op, result, inputs);
        nodes.add(node);
        TensorAccess.recordedAt(output, node);
        return node;
    }

    /** Refuses another thread than the session's. */
    public void requireOwner() {
        session.requireOwner();
    }

    private void requireUnreleased() {
        if (released) {
            throw new IllegalStateException(
                    "This tape's record was used up by gradients(...) or close(). Make a new tape for each"
                            + " step, or use differentiableGradients(...) to go on recording.");
        }
    }

    /**
     * Computes the gradients of a scalar with respect to watched tensors, and uses up the record. They are 0 where the loss depends on a
     * tensor only through steps, such as signs and comparisons.
     *
     * @return the gradients, each in memory of its own
     * @throws IllegalArgumentException when the loss is no scalar of this tape, does not depend on one of the tensors, or one of them is
     *     null, as {@link org.alborz.nn.Pass#used} is for a parameter that the pass did not use
     */
    public Gradients gradients(Tensor loss, Tensor... watched) {
        return gradients(loss, null, watched);
    }

    /** Computes the sum of the gradients of all elements of {@code output}, each weighted by {@code weights} of its shape. */
    public Gradients gradients(Tensor output, Tensor weights, Tensor[] watched) {
        session.check();
        session.engine().lookahead().settle();
        requireTensors(watched);
        recording = false;
        try {
            backward(output, weights, watched, true, null);
            return collect(output, watched);
        } finally {
            close();
        }
    }

    /**
     * Computes gradients that are recorded themselves, each in memory of its own; may be called again, and the tape is to be closed in
     * the end.
     *
     * @throws IllegalArgumentException as {@link #gradients(Tensor, Tensor...)} does
     */
    public Gradients differentiableGradients(Tensor loss, Tensor... watched) {
        session.check();
        session.engine().lookahead().settle();
        requireTensors(watched);
        backward(loss, null, watched, false, null);
        return collect(loss, watched);
    }

    /**
     * Computes the gradients of a scalar and copies each to its place, 0 where the loss does not depend on it; uses up the record.
     *
     * @param watched a tensor may be null, as {@link org.alborz.nn.Pass#used} is for a parameter that the pass did not use: its gradient
     *     is 0
     * @param places tensors of the shapes and types of {@code watched} in this tape's session, each in memory of its own. A tensor that is
     *     watched twice has its whole gradient in both places
     * @throws IllegalArgumentException when a place does not fit or shares memory with another; nothing is written then, and the record
     *     is still there
     */
    public void gradientsInto(Tensor loss, List<Tensor> watched, List<Tensor> places) {
        gradientsInto(loss, watched, places, false, null);
    }

    /**
     * Computes the same, and tells the caller of each place as soon as its gradient is written, while others are still to be computed: first of those
     * that the loss does not depend on, then in the order opposite to that in which the tensors were watched.
     *
     * @param add whether each gradient is added to what its place holds
     * @param written takes the number of a place
     */
    public void gradientsInto(
            Tensor loss, List<Tensor> watched, List<Tensor> places, boolean add, IntConsumer written) {
        session.check();
        session.engine().lookahead().settle();
        if (watched.size() != places.size()) {
            throw new IllegalArgumentException("gradientsInto expects a place for each of " + watched.size()
                    + " watched tensors, got " + places.size());
        }
        Places.require(session, watched, places);
        recording = false;
        try {
            Tensor[] targets = watched.toArray(Tensor[]::new);
            if (written != null) {
                backward(loss, null, targets, true, place -> {
                    write(watched.get(place), places.get(place), add);
                    written.accept(place);
                });
                return;
            }
            backward(loss, null, targets, true, null);
            // What is converted comes last, so that mere copies follow each other: a device can do those at once.
            for (int i = 0; i < watched.size(); i++) {
                if (!isConverted(watched.get(i), places.get(i))) {
                    write(watched.get(i), places.get(i), add);
                }
            }
            for (int i = 0; i < watched.size(); i++) {
                if (isConverted(watched.get(i), places.get(i))) {
                    write(watched.get(i), places.get(i), add);
                }
            }
        } finally {
            close();
        }
    }

    /** Computes the gradients of a scalar as {@link #gradientsInto} does and adds each to what its place holds. */
    public void addGradients(Tensor loss, List<Tensor> watched, List<Tensor> places) {
        gradientsInto(loss, watched, places, true, null);
    }

    private static boolean isConverted(Tensor watched, Tensor place) {
        return hasGradient(watched) && TensorAccess.node(watched).gradient().dtype() != place.dtype();
    }

    private static boolean hasGradient(Tensor watched) {
        return watched != null
                && TensorAccess.node(watched) != null
                && TensorAccess.node(watched).hasGradient();
    }

    private static void write(Tensor watched, Tensor place, boolean add) {
        if (!hasGradient(watched)) {
            if (!add) {
                place.fill(0);
            }
        } else if (add) {
            place.update(BinaryOp.ADD, TensorAccess.node(watched).gradient().to(place.dtype()));
        } else {
            place.assign(TensorAccess.node(watched).gradient());
        }
    }

    private void backward(Tensor output, Tensor weights, Tensor[] watched, boolean release, IntConsumer complete) {
        requireUnreleased();
        requireRecorded(output, weights == null);
        requireFitting(output, weights);
        markNeeded(watched, TensorAccess.node(output).index());
        LeafOrder leaves = complete == null ? null : new LeafOrder(watched, complete);
        LayerPaths layers = session.engine().layers();
        String outer = layers.current();
        boolean before = layers.backward(true);
        try {
            seed(output, weights);
            walk(output, release, layers, leaves);
        } finally {
            layers.at(outer);
            layers.backward(before);
        }
    }

    /** @param leaves tells when the gradients of the watched tensors are complete; null where nobody asks */
    private void walk(Tensor output, boolean release, LayerPaths layers, LeafOrder leaves) {
        try (Scope scratch = session.scope("backward")) {
            for (int i = TensorAccess.node(output).index(); i >= 0; i--) {
                if (leaves != null && leaves.reach(i)) {
                    scratch.clear();
                }
                Node node = nodes.get(i);
                if (node.hasGradient() && node.isNeeded() && !node.isLeaf()) {
                    layers.at(node.layer());
                    node.pull();
                    if (!node.isTarget()) {
                        node.dropGradient();
                    }
                    scratch.clear();
                }
                if (release) {
                    node.releaseSaved();
                }
            }
        }
    }

    private void requireRecorded(Tensor output, boolean scalar) {
        if (TensorAccess.node(output) == null || TensorAccess.node(output).tape() != this) {
            throw new IllegalArgumentException("The loss " + output.describe()
                    + " was not computed from tensors of this tape;" + " watch the inputs or parameters first");
        }
        if (scalar && output.shape().elements() != 1) {
            throw new IllegalArgumentException("gradients expects a loss with one element, got " + output.describe()
                    + "; reduce it with mean() or sum()");
        }
    }

    private static void requireFitting(Tensor output, Tensor weights) {
        if (weights != null
                && (!weights.shape().equals(output.shape())
                        || weights.dtype() != output.dtype()
                        || weights.session() != output.session())) {
            throw new IllegalArgumentException("gradients expects weights of the output's session, shape and type "
                    + output.describe() + ", got " + weights.describe());
        }
    }

    private void markNeeded(Tensor[] watched, int last) {
        for (Node node : nodes) {
            node.target(false);
        }
        for (Tensor tensor : watched) {
            if (tensor == null) {
                continue;
            }
            if (TensorAccess.node(tensor) == null || TensorAccess.node(tensor).tape() != this) {
                throw new IllegalArgumentException(
                        tensor.describe() + " is not on this tape; use the tensor that watch() returned");
            }
            TensorAccess.node(tensor).target(true);
        }
        for (int i = 0; i <= last; i++) {
            nodes.get(i).markNeeded();
        }
    }

    private void seed(Tensor output, Tensor weights) {
        for (Node node : nodes) {
            node.dropGradient();
        }
        Tensor seed = weights == null
                ? session.empty(output.dtype(), output.layout().compact()).fill(1)
                : weights;
        TensorAccess.node(output).accumulate(seed);
        if (weights == null) {
            seed.close();
        }
    }

    private static void requireTensors(Tensor[] watched) {
        int missing = watched == null ? 0 : Arrays.asList(watched).indexOf(null);
        if (missing >= 0) {
            throw new IllegalArgumentException("gradients expects tensors that watch() returned, got null as number "
                    + missing + ". Pass.used(parameter) is null for a parameter that the pass did not use: leave it"
                    + " out, or call gradientsInto, which takes its gradient as 0");
        }
    }

    private Gradients collect(Tensor output, Tensor[] watched) {
        Gradients gradients = new Gradients();
        for (Tensor tensor : watched) {
            Node node = TensorAccess.node(tensor);
            if (!gradients.has(node)) {
                gradients.put(node, own(output, tensor));
            }
        }
        return gradients;
    }

    /** Returns a gradient in memory of its own, so that changing it in place changes nothing else. */
    private Tensor own(Tensor output, Tensor watched) {
        Tensor gradient = TensorAccess.node(watched).takeGradient();
        if (gradient == null) {
            if (!dependsOn(TensorAccess.node(output), TensorAccess.node(watched))) {
                throw new IllegalArgumentException("The loss does not depend on " + watched.describe());
            }
            return session.empty(watched.dtype(), Layout.rowMajor(watched.shape()))
                    .fill(0);
        }
        gradient.buffer(); // computed now, where it was deferred
        session.innermostScope().adopt(gradient);
        if (TensorAccess.isExclusive(gradient) && gradient.layout().isDense()) {
            return gradient;
        }
        Tensor copy = Engine.apply(new Convert(gradient.dtype(), watched.layout()), gradient);
        gradient.close();
        return copy;
    }

    /** Tells whether the record leads from one node to another, be it through an operation whose gradient is 0 everywhere. */
    private boolean dependsOn(Node output, Node input) {
        boolean[] depends = new boolean[nodes.size()];
        depends[input.index()] = true;
        for (int i = input.index() + 1; i <= output.index(); i++) {
            depends[i] = nodes.get(i).hasInputAmong(depends);
        }
        return depends[output.index()];
    }

    /** Releases everything the tape saved; it records nothing any more. */
    @Override
    public void close() {
        session.requireOwner();
        session.engine().lookahead().settleTraining();
        if (!released) {
            home.closed(this);
        }
        recording = false;
        released = true;
        for (Node node : nodes) {
            node.releaseSaved();
            node.dropGradient();
        }
        nodes.clear();
    }
}
