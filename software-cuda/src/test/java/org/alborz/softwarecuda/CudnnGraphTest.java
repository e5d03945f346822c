package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnBackendCreateDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendDestroyDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnBackendFinalize;
import static jcuda.jcudnn.cudnnBackendAttributeName.*;
import static jcuda.jcudnn.cudnnBackendAttributeType.*;
import static jcuda.jcudnn.cudnnBackendDescriptorType.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import jcuda.jcudnn.cudnnBackendDescriptor;
import jcuda.jcudnn.cudnnPointwiseMode;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Graphs of operations: what they compute, and which are refused. */
final class CudnnGraphTest {
    private static final int NOT_INITIALIZED = 1001;
    private static final int NOT_FINALIZED = 2004;
    private static final int ATTRIBUTE_TYPE = 2010;
    private static final int GRAPH_PATTERN = 3001;
    private static final int DATA_TYPE = 3003;
    private static final int NONDETERMINISTIC = 4;

    /** A 1×1 filter, so that the expected sums are those of pixels. */
    private static final ConvolutionShape SHAPE = ConvolutionShape.of(2, 3, 5, 4, 8, 1, 1);

    private static final int ROWS = 2 * 5 * 4;

    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private CudnnGraph graph;
    private double[] x;
    private double[] w;

    @BeforeEach
    void open() {
        graph = new CudnnGraph();
        Random random = new Random(5);
        x = DeviceArray.random(random, ROWS * 3);
        w = DeviceArray.random(random, 8 * 3);
    }

    @AfterEach
    void close() {
        graph.close();
    }

    private double[] product() {
        double[] y = new double[ROWS * 8];
        for (int row = 0; row < ROWS; row++) {
            for (int k = 0; k < 8; k++) {
                for (int c = 0; c < 3; c++) {
                    y[row * 8 + k] += x[row * 3 + c] * w[k * 3 + c];
                }
            }
        }
        return y;
    }

    private cudnnBackendDescriptor x(Type type) {
        return graph.tensor(1, type, false, 2, 3, 5, 4);
    }

    private cudnnBackendDescriptor w(Type type) {
        return graph.tensor(2, type, false, 8, 3, 1, 1);
    }

    private cudnnBackendDescriptor y(long id, Type type, boolean isVirtual) {
        return graph.tensor(id, type, isVirtual, 2, 8, 5, 4);
    }

    private cudnnBackendDescriptor perChannel(long id, Type type) {
        return graph.tensor(id, type, false, 1, 8, 1, 1);
    }

    /** A convolution whose results are stored, and the sums of what is stored; with statistics of float. */
    private cudnnBackendDescriptor withStatistics(Type type, Type ofStatistics) {
        cudnnBackendDescriptor convolved = y(10, Type.FLOAT, true);
        cudnnBackendDescriptor stored = y(3, type, false);
        cudnnBackendDescriptor widened = y(11, ofStatistics, true);
        return graph.graph(
                graph.convolution(false, graph.windows(SHAPE), x(type), w(type), convolved),
                graph.pointwise(CudnnGraph.IDENTITY, convolved, null, stored),
                graph.pointwise(CudnnGraph.IDENTITY, stored, null, widened),
                graph.statistics(widened, perChannel(4, Type.FLOAT), perChannel(5, Type.FLOAT)));
    }

    @ParameterizedTest
    @EnumSource(names = {"HALF", "BFLOAT16"})
    void sumsComeWithTheConvolution(Type type) {
        List<cudnnBackendDescriptor> configurations = graph.configurations(withStatistics(type, Type.FLOAT));
        assertThat(configurations).hasSize(3);
        double[] stored = null;
        for (cudnnBackendDescriptor configuration : configurations) {
            cudnnBackendDescriptor plan = graph.plan(configuration);
            int bytes = (int) graph.workspace(plan);
            try (DeviceArray images = DeviceArray.of(type, x);
                    DeviceArray filters = DeviceArray.of(type, w);
                    DeviceArray y = DeviceArray.empty(type, ROWS * 8);
                    DeviceArray sum = DeviceArray.empty(Type.FLOAT, 8);
                    DeviceArray squares = DeviceArray.empty(Type.FLOAT, 8);
                    DeviceArray workspace = DeviceArray.empty(Type.FLOAT, bytes / 4)) {
                assertThat(graph.run(plan, bytes == 0 ? null : workspace, images, filters, y, sum, squares))
                        .isZero();
                y.assertEquals(product());
                stored = y.read();
                double[] sums = new double[8];
                double[] ofSquares = new double[8];
                for (int i = 0; i < stored.length; i++) {
                    sums[i % 8] += stored[i];
                    ofSquares[i % 8] += stored[i] * stored[i];
                }
                sum.assertEquals(sums);
                squares.assertEquals(ofSquares);
            }
        }
        assertThat(graph.notes(configurations.get(0))).contains(NONDETERMINISTIC);
        assertThat(graph.notes(configurations.get(1))).doesNotContain(NONDETERMINISTIC);
    }

    @Test
    void aBiasAndARectifierFollow() {
        cudnnBackendDescriptor convolved = y(10, Type.FLOAT, true);
        cudnnBackendDescriptor biased = y(11, Type.FLOAT, true);
        cudnnBackendDescriptor operations = graph.graph(
                graph.convolution(false, graph.windows(SHAPE), x(Type.HALF), w(Type.HALF), convolved),
                graph.pointwise(cudnnPointwiseMode.CUDNN_POINTWISE_ADD, convolved, perChannel(4, Type.HALF), biased),
                graph.pointwise(cudnnPointwiseMode.CUDNN_POINTWISE_RELU_FWD, biased, null, y(3, Type.HALF, false)));
        List<cudnnBackendDescriptor> configurations = graph.configurations(operations);
        assertThat(configurations).hasSize(2);
        double[] b = DeviceArray.random(new Random(3), 8);
        double[] expected = product();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Math.max(0, expected[i] + b[i % 8]);
        }
        try (DeviceArray images = DeviceArray.of(Type.HALF, x);
                DeviceArray filters = DeviceArray.of(Type.HALF, w);
                DeviceArray y = DeviceArray.empty(Type.HALF, ROWS * 8);
                DeviceArray bias = DeviceArray.of(Type.HALF, b);
                DeviceArray workspace = DeviceArray.empty(Type.FLOAT, 1 << 12)) {
            cudnnBackendDescriptor plan = graph.plan(configurations.get(0));
            assertThat(graph.run(plan, null, images, filters, y, bias)).isEqualTo(Cudnn.BAD_PARAM); // no workspace
            assertThat(graph.run(plan, workspace, images, filters, y)).isEqualTo(Cudnn.BAD_PARAM); // no bias
            assertThat(gpu.device().message()).contains("tensor 4 has no memory");
            assertThat(graph.run(plan, workspace, images, filters, images, bias))
                    .isEqualTo(Cudnn.BAD_PARAM);
            assertThat(graph.run(plan, workspace, images, filters, y, bias)).isZero();
            y.assertEquals(expected);
        }
    }

    /** dx = dy · w for a 1×1 filter; a gradient with a stride is another support surface. */
    @Test
    void aGradientOfImagesIsReduced() {
        cudnnBackendDescriptor dx = graph.tensor(1, Type.BFLOAT16, false, 2, 3, 5, 4);
        cudnnBackendDescriptor dy = y(3, Type.BFLOAT16, false);
        cudnnBackendDescriptor sum = graph.tensor(4, Type.FLOAT, false, 1, 3, 1, 1);
        cudnnBackendDescriptor gradient = graph.convolution(true, graph.windows(SHAPE), dx, w(Type.BFLOAT16), dy);
        cudnnBackendDescriptor plan = graph.plan(graph.configurations(graph.graph(gradient, graph.reduction(dx, sum)))
                .get(2));
        double[] slopes = DeviceArray.random(new Random(8), ROWS * 8);
        double[] expected = new double[3];
        for (int row = 0; row < ROWS; row++) {
            for (int i = 0; i < 24; i++) {
                expected[i % 3] += slopes[row * 8 + i / 3] * w[i];
            }
        }
        try (DeviceArray result = DeviceArray.empty(Type.BFLOAT16, ROWS * 3);
                DeviceArray filters = DeviceArray.of(Type.BFLOAT16, w);
                DeviceArray slope = DeviceArray.of(Type.BFLOAT16, slopes);
                DeviceArray sums = DeviceArray.empty(Type.FLOAT, 3)) {
            assertThat(graph.run(plan, null, result, filters, slope, sums)).isZero();
            double[] actual = sums.read();
            for (int c = 0; c < 3; c++) {
                assertThat(actual[c]).isCloseTo(expected[c], org.assertj.core.data.Offset.offset(0.5));
            }
        }
        cudnnBackendDescriptor second = graph.tensor(5, Type.FLOAT, false, 1, 3, 1, 1);
        assertRefused(
                GRAPH_PATTERN,
                "more than one reduction",
                graph.graph(gradient, graph.reduction(dx, sum), graph.reduction(dx, second)));
    }

    private void assertRefused(int status, String why, cudnnBackendDescriptor operations) {
        assertThat(cudnnBackendFinalize(graph.heuristics(operations))).isEqualTo(status);
        assertThat(gpu.device().message()).contains(why);
    }

    @Test
    void graphsBeyondTheSupportSurfaceAreRefused() {
        assertRefused(DATA_TYPE, "neither half nor float", withStatistics(Type.BFLOAT16, Type.BFLOAT16));
        cudnnBackendDescriptor convolution =
                graph.convolution(false, graph.windows(SHAPE), x(Type.HALF), w(Type.HALF), y(3, Type.HALF, false));
        assertRefused(
                GRAPH_PATTERN,
                "does not come from the convolution",
                graph.graph(
                        convolution,
                        graph.pointwise(
                                cudnnPointwiseMode.CUDNN_POINTWISE_ADD,
                                y(20, Type.HALF, false),
                                y(3, Type.HALF, false),
                                y(21, Type.HALF, false))));
        assertThat(graph.configurations(graph.graph(convolution))).isNotEmpty();
        gpu.device().refuseGraphs(true);
        assertThat(graph.configurations(graph.graph(convolution))).isEmpty();
    }

    @Test
    void attributesAreCheckedAsTheyAreSet() {
        cudnnBackendDescriptor tensor = graph.make(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        assertThat(graph.set(tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_FLOAT, 1))
                .isEqualTo(ATTRIBUTE_TYPE);
        assertThat(graph.set(tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 1, 2))
                .isEqualTo(Cudnn.BAD_PARAM);
        assertThat(graph.set(tensor, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_INT64, 1))
                .isEqualTo(Cudnn.BAD_PARAM);
        assertThat(cudnnBackendFinalize(tensor)).isEqualTo(Cudnn.BAD_PARAM);
        assertThat(gpu.device().message()).contains("CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT is not set");
        cudnnBackendDescriptor operation = graph.make(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
        assertThat(graph.set(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, tensor))
                .isEqualTo(NOT_FINALIZED);
        cudnnBackendDescriptor finished = x(Type.HALF);
        assertThat(graph.set(finished, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 2))
                .isEqualTo(NOT_INITIALIZED);
        assertThat(graph.set(operation, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, finished))
                .isEqualTo(Cudnn.BAD_PARAM);
    }

    @Test
    void aDescriptorThatIsNotDestroyedIsALeak() {
        cudnnBackendDescriptor descriptor = new cudnnBackendDescriptor();
        assertThat(cudnnBackendCreateDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR, descriptor))
                .isZero();
        assertThat(gpu.device().leaks()).contains("1 descriptors of cuDNN's graph API");
        assertThat(cudnnBackendDestroyDescriptor(descriptor)).isZero();
        assertThat(gpu.device().leaks()).noneMatch(line -> line.contains("graph API"));
        assertThat(cudnnBackendDestroyDescriptor(descriptor)).isEqualTo(Cudnn.BAD_PARAM);
    }
}
