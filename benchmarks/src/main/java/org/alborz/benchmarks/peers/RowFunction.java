package org.alborz.benchmarks.peers;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.Convert;
import org.alborz.ops.CrossEntropy;
import org.alborz.ops.Engine;
import org.alborz.ops.ScatterAdd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** What is done with a matrix: a function of its elements, of its rows or columns, or of indices. */
public enum RowFunction {
    COPY("torch.clone(x)", in -> Engine.apply(new Convert(DType.FLOAT32, in.x().layout()), in.x())),
    FILL("torch.full_like(x, 1.5)", in -> in.x().session().full(1.5, in.x().shape())),
    ADD("torch.add(x, z)", in -> in.x().add(in.z())),
    ADD_ROW("torch.add(x, r)", in -> in.x().add(in.row())),
    ADD_COLUMN("torch.add(x, c)", in -> in.x().add(in.column())),
    DIV("torch.div(x, p)", in -> in.x().div(in.positive())),
    MAXIMUM("torch.maximum(x, z)", in -> in.x().apply(BinaryOp.MAXIMUM, in.z())),
    CLAMP("torch.clamp(x, -1., 1.)", in -> in.x().clamp(-1, 1)),
    ABS("torch.abs(x)", in -> in.x().abs()),
    SIGN("torch.sign(x)", in -> in.x().sign()),
    SQRT("torch.sqrt(p)", in -> in.positive().sqrt()),
    EXP("torch.exp(x)", in -> in.x().exp()),
    LOG("torch.log(p)", in -> in.positive().log()),
    SIN("torch.sin(x)", in -> in.x().sin()),
    TANH("torch.tanh(x)", in -> in.x().tanh()),
    SIGMOID("torch.sigmoid(x)", in -> in.x().sigmoid()),
    ERF("torch.erf(x)", in -> in.x().erf()),
    RELU("torch.relu(x)", in -> in.x().relu()),
    ELU("torch.elu(x)", in -> in.x().elu(1)),
    GELU("torch.gelu(x)", in -> in.x().gelu()),
    SOFTPLUS("torch.softplus(x)", in -> in.x().apply(UnaryOp.SOFTPLUS)),
    POW("torch.pow(p, z)", in -> in.positive().pow(in.z())),
    POW_CUBE("torch.pow(x, 3)", in -> in.x().pow(3)),
    LESS("torch.lt(x, z)", in -> in.x().lt(in.z())),
    LESS_COLUMN("torch.lt(x, c)", in -> in.x().lt(in.column())),
    AND("torch.logical_and(m, n)", in -> in.mask().and(in.otherMask())),
    WHERE("torch.where(m, x, z)", in -> Tensor.where(in.mask(), in.x(), in.z())),
    SOFTMAX("torch.softmax(x, 1)", in -> in.x().softmax()),
    LOG_SOFTMAX("torch.log_softmax(x, 1)", in -> in.x().logSoftmax()),
    CROSS_ENTROPY(
            "torch.cross_entropy_loss(x, l, None, 0)", in -> Engine.apply(new CrossEntropy(0), in.x(), in.labels())),
    SUM_COLUMNS("torch.sum(x, [0])", in -> in.x().sum(0)),
    SUM_ROWS("torch.sum(x, [1])", in -> in.x().sum(1)),
    SUM_ALL("torch.sum(x)", in -> in.x().sum()),
    MAX_COLUMNS("torch.amax(x, [0])", in -> in.x().max(0)),
    MAX_ROWS("torch.amax(x, [1])", in -> in.x().max(1)),
    MAX_ALL("torch.amax(x)", in -> in.x().max(0, 1)),
    ARG_MAX_COLUMNS("torch.argmax(x, 0)", in -> in.x().argMax(0)),
    ARG_MAX_ROWS("torch.argmax(x, 1)", in -> in.x().argMax(1)),
    GATHER_ROWS("torch.index_select(x, 0, i)", in -> in.x().gather(0, in.rows())),
    GATHER_COLUMNS("torch.index_select(x, 1, j)", in -> in.x().gather(1, in.columns())),
    SCATTER_ADD_ROWS(
            "torch.index_add(torch.zeros_like(x), 0, i, x)",
            in -> Engine.apply(new ScatterAdd(0, in.x().shape().size(0)), in.x(), in.rows())),
    SCATTER_ADD_COLUMNS(
            "torch.index_add(torch.zeros_like(x), 1, j, x)",
            in -> Engine.apply(new ScatterAdd(1, in.x().shape().size(1)), in.x(), in.columns())),
    ONE_HOT(
            "torch.scatter(torch.zeros_like(x), 1, torch.unsqueeze(l, 1), 1.)",
            in -> in.labels().oneHot(in.x().shape().size(1))),
    CONCAT("torch.cat([x, z], 1)", in -> Tensor.concat(1, in.x(), in.z())),
    PAD("torch.constant_pad_nd(x, [1, 1], 0.)", in -> in.x().pad(1, 1, 1)),
    TRANSPOSE("torch.clone(torch.t(x), memory_format=0)", RowFunction::transpose),
    TO_FLOAT16("torch.to(x, 5)", in -> in.x().to(DType.FLOAT16)),
    FROM_FLOAT16("torch.to(h, 6)", in -> in.float16().to(DType.FLOAT32)),
    TO_BFLOAT16("torch.to(x, 15)", in -> in.x().to(DType.BFLOAT16)),
    FROM_BFLOAT16("torch.to(b, 6)", in -> in.bfloat16().to(DType.FLOAT32)),
    UNIFORM(
            "torch.rand([ROWS, COLUMNS])",
            in -> in.x().session().uniform(new RandomKey(1, 2, 0), in.x().shape())),
    NORMAL(
            "torch.randn([ROWS, COLUMNS])",
            in -> in.x().session().normal(new RandomKey(1, 2, 0), in.x().shape()));

    private final String script;
    private final Function<RowInputs, Tensor> ours;

    RowFunction(String script, Function<RowInputs, Tensor> ours) {
        this.script = script;
        this.ours = ours;
    }

    /** Returns the function's name in a work's, such as {@code log-softmax}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the function of a name, or null. */
    static RowFunction named(String word) {
        return Arrays.stream(values())
                .filter(function -> function.word().equals(word))
                .findFirst()
                .orElse(null);
    }

    /** Returns the same as an expression of TorchScript, of the inputs that {@link RowInputs} names. */
    public String script(int rows, int columns) {
        return script.replace("ROWS", Integer.toString(rows)).replace("COLUMNS", Integer.toString(columns));
    }

    /** Tells whether every engine computes the same numbers. */
    public boolean isComparable() {
        return this != UNIFORM && this != NORMAL;
    }

    private static Tensor transpose(RowInputs in) {
        try (Tensor view = in.x().transpose(0, 1)) {
            return Engine.apply(new Convert(DType.FLOAT32, Layout.rowMajor(view.shape())), view);
        }
    }

    Tensor apply(RowInputs inputs) {
        return ours.apply(inputs);
    }
}
