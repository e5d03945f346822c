package org.alborz.autograd;

import org.alborz.backend.BinaryOp;
import org.alborz.ops.Binary;
import org.alborz.ops.Call;
import org.alborz.ops.Engine;
import org.alborz.ops.Op;
import org.alborz.tensor.Tensor;
import org.alborz.tensor.TensorAccess;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** One recorded operation: its inputs, what its gradient needs, and in the backward walk the gradient of its output. */
public final class Node implements GradientSink {
    /** How many contributions are added up in the gradient's own type. */
    private static final int NARROW = 2;

    private final Tape tape;
    private final int index;
    private final Node[] inputs;
    private final Layout layout;
    private final DType dtype;
    private final Op op;

    /**
     * The number of the result: a further one's only input is the node of the first, which knows the gradient of all. Operations have few; as a short
     * it keeps a node, of which a step makes hundreds, within 64 bytes, as the types of the next two do.
     */
    private final short result;

    /** The inputs that the operation was given, a bit each. */
    private short given;

    /** How often the gradient was added to, counted to one more than {@link #NARROW}. */
    private byte contributions;

    /** The path of the layer that the operation was applied for; null where no listener asks, and outside of layers. */
    private final String layer;

    /** The tensors that the operation's gradient reads, in the order of the bits of {@link Op#saves}; null where there are none. */
    private Tensor saved;

    private Tensor[] moreSaved;

    private Tensor gradient;
    /** The gradients of further results, by number; null where there are none. */
    private Tensor[] furtherGradients;

    private boolean needed;
    private boolean target;

    /** @param op null for a watched tensor */
    Node(Tape tape, int index, Tensor output, Op op, int result, Node... inputs) {
        this.tape = tape;
        this.index = index;
        this.layout = output.layout();
        this.dtype = output.dtype();
        this.op = op;
        this.result = (short) result;
        this.inputs = inputs;
        this.layer = tape.session().engine().layers().current();
    }

    String layer() {
        return layer;
    }

    /**
     * Records an operation that the engine applied, where a tape watches one of its inputs: from now on its results are watched. Saves
     * what the gradient reads.
     */
    public static void record(Op op, Call call) {
        Tape tape = null;
        int count = 0;
        for (int i = 0; i < call.count(); i++) {
            Tensor input = call.input(i);
            Tape its = input == null ? null : tapeOf(input);
            if (its != null && op.differentiable(i)) {
                tape = common(tape, its);
                count = i + 1;
            }
        }
        if (tape == null || !call.result(0).dtype().isFloating()) {
            return;
        }
        Node[] inputs = new Node[count];
        for (int i = 0; i < count; i++) {
            Tensor input = call.input(i);
            inputs[i] = input == null || !op.differentiable(i) ? null : nodeOn(tape, input);
        }
        Node node = tape.append(call.result(0), op, 0, inputs);
        for (int i = 1; i < op.gradients(); i++) {
            tape.append(call.result(i), op, i, node);
        }
        node.save(op.saves(), call);
    }

    /** Returns an input's node, or null where the tape does not watch it: one that was used up counts for nothing. */
    private static Node nodeOn(Tape tape, Tensor input) {
        Node node = TensorAccess.node(input);
        return node == null || node.tape != tape ? null : node;
    }

    /** Tells whether an operation on the tensor recorded here would be recorded. */
    public boolean isRecording() {
        return tape.isRecording();
    }

    private static Tape tapeOf(Tensor tensor) {
        Node node = TensorAccess.node(tensor);
        return node == null || !node.tape.isRecording() ? null : node.tape;
    }

    private static Tape common(Tape a, Tape b) {
        if (a != null && b != null && a != b) {
            throw new IllegalArgumentException(
                    "An operation mixes tensors watched by two tapes; watch both on one tape");
        }
        return a == null ? b : a;
    }

    /** Notes which inputs there are, and keeps values until the gradient has used them; a copy in another order counts as the original to a gradient of the gradient. */
    private void save(int named, Call call) {
        for (int i = 0; i < call.count(); i++) {
            given |= call.input(i) == null ? 0 : (short) (1 << i);
        }
        int count = 0;
        for (int left = named; left != 0; left &= left - 1) {
            int bit = Integer.numberOfTrailingZeros(left);
            Tensor value = bit < Op.FIRST_RESULT ? call.ordered(bit) : call.result(bit - Op.FIRST_RESULT);
            Tensor kept = null;
            if (value != null) {
                Node at = bit < Op.FIRST_RESULT ? TensorAccess.node(call.input(bit)) : TensorAccess.node(value);
                kept = TensorAccess.retained(value, at);
            }
            if (count == 0) {
                saved = kept;
            } else {
                if (moreSaved == null) {
                    moreSaved = new Tensor[Integer.bitCount(named) - 1];
                }
                moreSaved[count - 1] = kept;
            }
            count++;
        }
    }

    private Tensor saved(int bit) {
        int named = op.saves();
        if ((named >> bit & 1) == 0) {
            throw new IllegalStateException("The gradient of " + name() + " reads "
                    + (bit < Op.FIRST_RESULT ? "input " + bit : "result " + (bit - Op.FIRST_RESULT))
                    + ", which its saves() does not name");
        }
        int place = Integer.bitCount(named & (1 << bit) - 1);
        return place == 0 ? saved : moreSaved[place - 1];
    }

    @Override
    public Tensor input(int i) {
        return saved(i);
    }

    @Override
    public Tensor result(int i) {
        return saved(Op.FIRST_RESULT + i);
    }

    @Override
    public Shape shape(int input) {
        return inputs[input].layout.shape();
    }

    @Override
    public DType dtype(int input) {
        return inputs[input].dtype;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public Tensor gradientOf(int further) {
        return furtherGradients == null ? null : furtherGradients[further];
    }

    // ---- the backward walk ----

    @Override
    public boolean needs(int input) {
        return input < inputs.length && inputs[input] != null && inputs[input].needed;
    }

    @Override
    public void add(int input, Tensor contribution) {
        if (needs(input)) {
            requireFitting(input, contribution);
            inputs[input].accumulate(contribution);
        }
    }

    @Override
    public void give(int input, Tensor contribution) {
        Tensor given = TensorAccess.unowned(contribution);
        if (needs(input) && inputs[input].gradient == null) {
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
        if (contribution.session() != tape.session()
                || contribution.dtype() != to.dtype
                || !contribution.shape().equals(to.layout.shape())) {
            throw new IllegalStateException("The gradient that " + name() + " computes for its input " + input
                    + " must be " + to.layout.shape() + " " + to.dtype + " in the input's session, got "
                    + contribution.describe());
        }
    }

    @Override
    public boolean differentiable() {
        return tape.isRecording();
    }

    @Override
    public boolean has(int input) {
        return (given >> input & 1) != 0;
    }

    @Override
    public boolean usesUp() {
        return !target && isOwn();
    }

    @Override
    public Tensor sum(int input, Layout order) {
        return needs(input) ? inputs[input].open(order) : null;
    }

    /** Returns the gradient so far for a contribution that is added in place, or null where it cannot be. */
    private Tensor open(Layout order) {
        boolean widens = contributions >= NARROW && dtype != dtype.accumulator();
        if (gradient == null || widens || !isOwn() || !isStored(gradient.layout(), order)) {
            return null;
        }
        countContribution();
        return gradient;
    }

    private static boolean isStored(Layout layout, Layout order) {
        return layout.isDense() && layout.sameOrder(order);
    }

    /** Adds up; beyond two contributions in the type of sums, as a sum of many would stall in 16 bits. */
    void accumulate(Tensor contribution) {
        if (gradient == null) {
            gradient = TensorAccess.retained(contribution, TensorAccess.node(contribution));
            contributions = 1;
            return;
        }
        countContribution();
        if (contributions > NARROW) {
            convertGradient(dtype.accumulator());
        }
        Tensor more = contribution.to(gradient.dtype());
        if (isOwn() && gradient.layout().isDense()) {
            Engine.into(gradient, Binary.of(BinaryOp.ADD), gradient, more);
        } else {
            replaceGradient(gradient.add(more));
        }
        if (more != contribution) {
            more.close();
        }
    }

    private void countContribution() {
        contributions = (byte) Math.min(NARROW + 1, contributions + 1);
    }

    /** Tells whether the gradient so far may be changed in place. */
    private boolean isOwn() {
        return !differentiable() && TensorAccess.isExclusive(gradient);
    }

    private void convertGradient(DType type) {
        if (gradient != null && gradient.dtype() != type) {
            replaceGradient(gradient.to(type));
        }
    }

    private void replaceGradient(Tensor next) {
        gradient.close();
        gradient = TensorAccess.retained(next, TensorAccess.node(next));
        next.close();
    }

    void pull() {
        convertGradient(dtype);
        if (result > 0) {
            inputs[0].takeFurther(result, gradient);
            return;
        }
        requireUnchanged(saved);
        for (int i = 0; moreSaved != null && i < moreSaved.length; i++) {
            requireUnchanged(moreSaved[i]);
        }
        if (gradient == null) {
            accumulate(tape.session().empty(dtype, layout.compact()).fill(0));
        }
        op.gradient(gradient, this);
    }

    private void takeFurther(int number, Tensor of) {
        if (furtherGradients == null) {
            furtherGradients = new Tensor[op.gradients()];
        }
        furtherGradients[number] = TensorAccess.retained(of, TensorAccess.node(of));
    }

    private void requireUnchanged(Tensor kept) {
        if (kept != null && TensorAccess.isStale(kept)) {
            throw new IllegalStateException("The gradient of " + name() + " needs " + kept.describe()
                    + " as it was, but it was changed in place since; compute the gradients before the change");
        }
    }

    void releaseSaved() {
        if (saved != null) {
            saved.close();
            saved = null;
        }
        for (int i = 0; moreSaved != null && i < moreSaved.length; i++) {
            if (moreSaved[i] != null) {
                moreSaved[i].close();
            }
        }
        moreSaved = null;
    }

    void dropGradient() {
        for (int i = 0; furtherGradients != null && i < furtherGradients.length; i++) {
            if (furtherGradients[i] != null) {
                furtherGradients[i].close();
            }
        }
        furtherGradients = null;
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }

    /** Returns the gradient in this node's type, or null; the node keeps it. */
    Tensor gradient() {
        convertGradient(dtype);
        return gradient;
    }

    Tensor takeGradient() {
        Tensor taken = gradient();
        gradient = null;
        return taken;
    }

    boolean hasGradient() {
        return gradient != null || furtherGradients != null;
    }

    void target(boolean asTarget) {
        target = asTarget;
    }

    boolean isTarget() {
        return target;
    }

    /** Determines whether a target is at or before this node; this must be determined for the nodes before it already. */
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

    /** Returns the name of the operation for messages. */
    String name() {
        return op == null ? "watched tensor" : op.getClass().getSimpleName();
    }
}
