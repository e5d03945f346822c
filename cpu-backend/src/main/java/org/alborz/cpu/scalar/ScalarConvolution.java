package org.alborz.cpu.scalar;

import java.util.Arrays;
import org.alborz.backend.Convolution;
import org.alborz.backend.Operand;
import org.alborz.cpu.memory.CpuBuffer;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;

/**
 * Convolution by its definition: at each output pixel, for each place of the filter that falls on the image, and each channel. The
 * innermost loop runs over the outputs of the channel's group, which are adjacent.
 */
public final class ScalarConvolution implements Convolution {
    private final RowBuffer filter = new RowBuffer();
    private final RowBuffer inputPixel = new RowBuffer();
    private final RowBuffer outputPixel = new RowBuffer();
    private final RowBuffer image = new RowBuffer();
    private final BiasActivation biasActivation = new BiasActivation();

    @Override
    public void forward(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        ConvGeometry g = ConvGeometry.of(p, x.shape(), w.shape(), y.shape());
        CpuBuffer into = CpuBuffer.of(y);
        int yAt = offset(y);
        double[] weights = read(w, 0, g.weights(), filter);
        double[] sums = outputPixel.of(g.outputs());
        biasActivation.prepare(bias, activation, g.outputs());
        for (int n = 0; n < g.images(); n++) {
            for (int i = 0; i < g.outputH(); i++) {
                for (int j = 0; j < g.outputW(); j++) {
                    if (addend == null) {
                        Arrays.fill(sums, 0, g.outputs(), 0);
                    } else {
                        CpuBuffer.of(addend).read(offset(addend) + g.output(n, i, j), 1, g.outputs(), sums, 0);
                    }
                    addWindow(g, x, n, i, j, weights, sums);
                    biasActivation.apply(sums, g.outputs());
                    into.write(yAt + g.output(n, i, j), 1, g.outputs(), sums, 0);
                }
            }
        }
    }

    private void addWindow(ConvGeometry g, Operand x, int n, int i, int j, double[] weights, double[] sums) {
        for (int u = 0; u < g.kernelH(); u++) {
            for (int v = 0; v < g.kernelW(); v++) {
                int row = g.row(i, u);
                int column = g.column(j, v);
                if (g.inside(row, column)) {
                    double[] pixel = read(x, g.input(n, row, column), g.channels(), inputPixel);
                    for (int c = 0; c < g.channels(); c++) {
                        int at = g.weight(u, v, c);
                        addScaled(pixel[c], weights, at, sums, g.firstOutput(c), g.groupOutputs());
                    }
                }
            }
        }
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        ConvGeometry g = ConvGeometry.of(p, dx.shape(), w.shape(), dy.shape());
        CpuBuffer into = CpuBuffer.of(dx);
        int imageSize = g.height() * g.width() * g.channels();
        double[] weights = read(w, 0, g.weights(), filter);
        for (int n = 0; n < g.images(); n++) {
            double[] gradient = image.filled(imageSize, 0);
            for (int i = 0; i < g.outputH(); i++) {
                for (int j = 0; j < g.outputW(); j++) {
                    double[] pixel = read(dy, g.output(n, i, j), g.outputs(), outputPixel);
                    spreadWindow(g, pixel, i, j, weights, gradient);
                }
            }
            into.write(offset(dx) + n * imageSize, 1, imageSize, gradient, 0);
        }
    }

    private static void spreadWindow(ConvGeometry g, double[] dy, int i, int j, double[] weights, double[] gradient) {
        for (int u = 0; u < g.kernelH(); u++) {
            for (int v = 0; v < g.kernelW(); v++) {
                int row = g.row(i, u);
                int column = g.column(j, v);
                if (g.inside(row, column)) {
                    int at = g.input(0, row, column);
                    for (int c = 0; c < g.channels(); c++) {
                        gradient[at + c] += dot(dy, g.firstOutput(c), weights, g.weight(u, v, c), g.groupOutputs());
                    }
                }
            }
        }
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        ConvGeometry g = ConvGeometry.of(p, x.shape(), dw.shape(), dy.shape());
        double[] gradient = filter.filled(g.weights(), 0);
        for (int n = 0; n < g.images(); n++) {
            for (int i = 0; i < g.outputH(); i++) {
                for (int j = 0; j < g.outputW(); j++) {
                    double[] pixel = read(dy, g.output(n, i, j), g.outputs(), outputPixel);
                    addProducts(g, x, n, i, j, pixel, gradient);
                }
            }
        }
        CpuBuffer.of(dw).write(offset(dw), 1, g.weights(), gradient, 0);
    }

    private void addProducts(ConvGeometry g, Operand x, int n, int i, int j, double[] dy, double[] gradient) {
        for (int u = 0; u < g.kernelH(); u++) {
            for (int v = 0; v < g.kernelW(); v++) {
                int row = g.row(i, u);
                int column = g.column(j, v);
                if (g.inside(row, column)) {
                    double[] pixel = read(x, g.input(n, row, column), g.channels(), inputPixel);
                    for (int c = 0; c < g.channels(); c++) {
                        int at = g.weight(u, v, c);
                        addScaled(pixel[c], dy, g.firstOutput(c), gradient, at, g.groupOutputs());
                    }
                }
            }
        }
    }

    private static double[] read(Operand operand, int at, int count, RowBuffer buffer) {
        double[] row = buffer.of(count);
        CpuBuffer.of(operand).read(offset(operand) + at, 1, count, row, 0);
        return row;
    }

    private static void addScaled(double factor, double[] row, int at, double[] sums, int sumsAt, int count) {
        for (int i = 0; i < count; i++) {
            sums[sumsAt + i] += factor * row[at + i];
        }
    }

    private static double dot(double[] a, int aAt, double[] b, int bAt, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += a[aAt + i] * b[bAt + i];
        }
        return sum;
    }

    private static int offset(Operand operand) {
        return (int) operand.layout().offset();
    }
}
