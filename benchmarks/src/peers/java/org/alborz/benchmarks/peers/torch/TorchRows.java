package org.alborz.benchmarks.peers.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.alborz.benchmarks.peers.RowNumbers;
import org.alborz.benchmarks.peers.Work;

/** A function of a matrix as a TorchScript module, with its inputs. */
final class TorchRows {
    private static final String SOURCE =
            """
            class Net(Module):
              __parameters__ = []
              __buffers__ = []
              training : bool
              def forward(self: __torch__.Net, x: Tensor, z: Tensor, p: Tensor, r: Tensor, c: Tensor, m: Tensor, n: Tensor, i: Tensor, j: Tensor, l: Tensor, h: Tensor, b: Tensor) -> Tensor:
                return %s
            """;

    private final PtNDManager manager;
    private final PtSymbolBlock module;
    private final IValue[] inputs;

    TorchRows(PtNDManager manager, Work work) {
        this.manager = manager;
        RowNumbers numbers = work.numbers();
        int rows = numbers.rows();
        int columns = numbers.columns();
        module = load(manager, SOURCE.formatted(work.function().script(rows, columns)));
        Shape shape = new Shape(rows, columns);
        NDArray x = manager.create(numbers.matrix(0), shape);
        NDArray z = manager.create(numbers.matrix(1), shape);
        inputs = values(
                x,
                z,
                manager.create(numbers.positive(), shape),
                manager.create(numbers.uniform(2, columns), new Shape(columns)),
                manager.create(numbers.uniform(3, rows), new Shape(rows, 1)),
                x.lt(z),
                x.gt(0),
                longs(numbers.indices(4, rows, rows)),
                longs(numbers.indices(5, columns, columns)),
                longs(numbers.indices(6, rows, columns)),
                cast(x, "5"),
                cast(x, "15"));
    }

    private static PtSymbolBlock load(PtNDManager manager, String source) {
        try {
            byte[] file = TorchScriptFile.of(source, List.of());
            return JniUtils.loadModule(manager, new ByteArrayInputStream(file), true, false);
        } catch (IOException e) {
            throw new UncheckedIOException("A module in memory could not be read", e);
        }
    }

    private NDArray longs(int[] values) {
        return manager.create(values).toType(DataType.INT64, true);
    }

    /** Converts to a type by PyTorch's number of it; DJL has no name for all. */
    private NDArray cast(NDArray x, String type) {
        String source =
                """
                class Net(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
                    return torch.to(x, %s)
                """
                        .formatted(type);
        PtSymbolBlock caster = load(manager, source);
        try (IValue input = IValue.from((PtNDArray) x);
                IValue output = IValueUtils.runMethod(caster, "forward", input)) {
            return output.toTensor(manager);
        }
    }

    private static IValue[] values(NDArray... arrays) {
        IValue[] values = new IValue[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            values[i] = IValue.from((PtNDArray) arrays[i]);
        }
        return values;
    }

    /** Computes once. */
    void run() {
        IValueUtils.runMethod(module, "forward", inputs).close();
    }

    /** Returns a sample of the result. */
    float[] sample() {
        try (IValue output = IValueUtils.runMethod(module, "forward", inputs)) {
            NDArray result = output.toTensor(manager);
            return RowNumbers.sample(
                    result.toType(DataType.FLOAT32, true).flatten().toFloatArray());
        }
    }
}
