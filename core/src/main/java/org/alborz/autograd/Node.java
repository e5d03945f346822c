package org.alborz.autograd;

import java.util.Arrays;
import org.alborz.backend.BinaryOp;
import org.alborz.ops.Op;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/** One recorded operation: its inputs, what its gradient needs, and in the backward walk the gradient of its output. */
public final class Node implements GradientSink {
    private final Tape tape;
    private final int index;
    private final Node[] inputs;
    private final Session session;
    private final Shape shape;
    private final DType dtype;
    private Op op;
    private Tensor saved;
    private Tensor[] moreSaved;
    private int moreCount;
    private Tensor gradient;
    private int contributions;
    private boolean needed;
    private boolean target;

    Node(Tape tape, int index, Tensor output, Node... inputs) {
        this.tape = tape;
        this.index = index;
        this.session = output.session();
        this.shape = output.shape();
        this.dtype = output.dtype();
        this.inputs = inputs;
    }

    /**
     * Starts recording an operation, or returns null when no tape watches its input.
     *
     * @param output the result; from now on it is watched
     */
    public static Node record(Tensor output, Tensor x) {
        Tape tape = tapeOf(x);
        return tape == null ? null : tape.append(output, x.node());
    }

    /** Starts recording an operation of two inputs. */
    public static Node record(Tensor output, Tensor a, Tensor b) {
        Tape tape = common(tapeOf(a), tapeOf(b));
        return tape == null ? null : tape.append(output, nodeOn(tape, a), nodeOn(tape, b));
    }

    /** Starts recording an operation of three inputs, the last of which may be null. */
    public static Node record(Tensor output, Tensor a, Tensor b, Tensor c) {
        if (c == null) {
            return record(output, a, b);
        }
        Tape tape = common(common(tapeOf(a), tapeOf(b)), tapeOf(c));
        return tape == null ? null : tape.append(output, nodeOn(tape, a), nodeOn(tape, b), nodeOn(tape, c));
    }

    /** Starts recording an operation of four inputs, the last two of which may be null. */
    public static Node record(Tensor output, Tensor a, Tensor b, Tensor c, Tensor d) {
        if (d == null) {
            return record(output, a, b, c);
        }
        Tape tape = common(common(tapeOf(a), tapeOf(b)), common(c == null ? null : tapeOf(c), tapeOf(d)));
        return tape == null
                ? null
                : tape.append(
                        output, nodeOn(tape, a), nodeOn(tape, b), c == null ? null : nodeOn(tape, c), nodeOn(tape, d));
    }

    /** Starts recording an operation of many inputs. */
    public static Node record(Tensor output, Tensor[] inputs) {
        Tape tape = null;
        for (Tensor input : inputs) {
            tape = common(tape, tapeOf(input));
        }
        if (tape == null) {
            return null;
        }
        Node[] nodes = new Node[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            nodes[i] = nodeOn(tape, inputs[i]);
        }
        return tape.append(output, nodes);
    }

    /** Returns an input's node, or null where the tape does not watch it: one that was used up counts for nothing. */
    private static Node nodeOn(Tape tape, Tensor input) {
        Node node = input.node();
        return node == null || node.tape != tape ? null : node;
    }

    /** Tells whether an operation on the tensor recorded here would be recorded. */
    public boolean isRecording() {
        return tape.isRecording();
    }

    private static Tape tapeOf(Tensor tensor) {
        Node node = tensor.node();
        return node == null || !node.tape.isRecording() ? null : node.tape;
    }

    private static Tape common(Tape a, Tape b) {
        if (a != null && b != null && a != b) {
            throw new IllegalArgumentException(
                    "An operation mixes tensors watched by two tapes; watch both on one tape");
        }
        return a == null ? b : a;
    }

    /** Sets the operation whose gradient the backward walk will ask for. */
    public void complete(Op operation) {
        op = operation;
    }

    /** Keeps a value until the gradient has used it. */
    public Tensor save(Tensor tensor) {
        return save(tensor, tensor.node());
    }

    /** Keeps a copy of a value in another layout; to a gradient of the gradient it counts as the original. */
    public Tensor save(Tensor copy, Tensor original) {
        return save(copy, original.node());
    }

    private Tensor save(Tensor tensor, Node recordedAt) {
        Tensor kept = tensor.retained(recordedAt, TapeAccess.GRANTED);
        if (saved == null) {
            saved = kept;
        } else {
            if (moreSaved == null) {
                moreSaved = new Tensor[4];
            } else if (moreCount == moreSaved.length) {
                moreSaved = Arrays.copyOf(moreSaved, 2 * moreCount);
            }
            moreSaved[moreCount++] = kept;
        }
        return kept;
    }

    // ---- the backward walk ----

    @Override
    public boolean wants(int input) {
        return input < inputs.length && inputs[input] != null && inputs[input].needed;
    }

    @Override
    public void add(int input, Tensor contribution) {
        if (wants(input)) {
            requireFitting(input, contribution);
            inputs[input].accumulate(contribution);
        }
    }

    @Override
    public void give(int input, Tensor contribution) {
        Tensor given = contribution.unowned(TapeAccess.GRANTED);
        if (wants(input) && !inputs[input].hasGradient()) {
            requireFitting(input, given);
            inputs[input].gradient = given;
            inputs[input].contributions = 1;
        } else {
            add(input, given);
            given.close();
        }
    }

    /** Refuses a gradient that is not of the input's session, shape and type. */
    private void requireFitting(int input, Tensor contribution) {
        Node to = inputs[input];
        if (contribution.session() != to.session
                || contribution.dtype() != to.dtype
                || !contribution.shape().equals(to.shape)) {
            throw new IllegalStateException("The gradient that " + name() + " computes for its input " + input
                    + " must be " + to.shape + " " + to.dtype + " in the input's session, got "
                    + contribution.describe());
        }
    }

    @Override
    public boolean differentiable() {
        return tape.isRecording();
    }

    /** Adds up; from the third contribution on in the type of sums, as a sum of many would stall in 16 bits. */
    void accumulate(Tensor contribution) {
        if (gradient == null) {
            gradient = contribution.retained(contribution.node(), TapeAccess.GRANTED);
            contributions = 1;
            return;
        }
        if (++contributions > 2) {
            convertGradient(dtype.accumulator());
        }
        Tensor more = contribution.to(gradient.dtype());
        if (!differentiable() && gradient.isExclusive() && gradient.layout().isDense()) {
            gradient.session().backend().elementwise().binary(BinaryOp.ADD, gradient, more, gradient);
        } else {
            replaceGradient(gradient.add(more));
        }
        if (more != contribution) {
            more.close();
        }
    }

    private void convertGradient(DType type) {
        if (gradient.dtype() != type) {
            replaceGradient(gradient.to(type));
        }
    }

    private void replaceGradient(Tensor next) {
        gradient.close();
        gradient = next.retained(next.node(), TapeAccess.GRANTED);
        next.close();
    }

    void pull() {
        requireUnchanged(saved);
        for (int i = 0; i < moreCount; i++) {
            requireUnchanged(moreSaved[i]);
        }
        convertGradient(dtype);
        op.gradient(gradient, this);
    }

    private void requireUnchanged(Tensor kept) {
        if (kept != null && kept.isStale()) {
            throw new IllegalStateException("The gradient of " + name() + " needs " + kept.describe()
                    + " as it was, but it was changed in place since; compute the gradients before the change");
        }
    }

    void releaseSaved() {
        if (saved != null) {
            saved.close();
            saved = null;
        }
        for (int i = 0; i < moreCount; i++) {
            moreSaved[i].close();
        }
        moreCount = 0;
    }

    void dropGradient() {
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }

    /** Returns the gradient in this node's type, or null; the node keeps it. */
    Tensor gradient() {
        if (gradient != null) {
            convertGradient(dtype);
        }
        return gradient;
    }

    Tensor takeGradient() {
        Tensor taken = gradient();
        gradient = null;
        return taken;
    }

    boolean hasGradient() {
        return gradient != null;
    }

    void target(boolean asTarget) {
        target = asTarget;
    }

    boolean isTarget() {
        return target;
    }

    /** Works out whether a target lies at or before this node; the nodes before it must know already. */
    void markNeeded() {
        needed = target;
        for (Node input : inputs) {
            needed |= input != null && input.needed;
        }
    }

    /** Tells whether one of the inputs is marked; {@code marked} is indexed as nodes are. */
    boolean hasInputAmong(boolean[] marked) {
        boolean found = false;
        for (Node input : inputs) {
            found |= input != null && marked[input.index];
        }
        return found;
    }

    boolean isNeeded() {
        return needed;
    }

    boolean isLeaf() {
        return op == null;
    }

    Class<? extends Op> operation() {
        return op.getClass();
    }

    int index() {
        return index;
    }

    Tape tape() {
        return tape;
    }

    /** Refuses an operation that was recorded and not completed: its gradient would be lost without a word. */
    void requireComplete() {
        if (op == null && inputs.length > 0) {
            throw new IllegalStateException("An operation with the result " + shape + " " + dtype
                    + " was recorded without its gradient; call complete(op) on what Node.record returned");
        }
    }

    /** Returns the name of the operation for messages. */
    String name() {
        return op == null ? "watched tensor" : op.getClass().getSimpleName();
    }
}
