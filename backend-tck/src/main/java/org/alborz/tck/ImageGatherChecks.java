package org.alborz.tck;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alborz.backend.ImageGather;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Batches of a backend's images are those that a loop on the host makes, bit for bit. */
final class ImageGatherChecks {
    private static final Shape IMAGES = Shape.of(5, 3, 4, 7);

    /** Images in any order, one of them twice; moved up to the last pixel that is their own. */
    private static final int[][] MOVES = {
        {3, 0, 0, 0}, {0, 3, -6, 0}, {4, -3, 6, 1}, {0, 1, 2, 1}, {2, -1, -1, 0}, {1, 0, 0, 1}
    };

    private final Sessions sessions;

    ImageGatherChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        return Stream.of(DType.values())
                .filter(dtype -> dtype.isFloating() && sessions.refusal(dtype) == null)
                .map(dtype -> dynamicTest(
                        "ImageGather / " + dtype,
                        () -> sessions.run(DType.FLOAT32, session -> {
                            check(session, dtype, false);
                            check(session, dtype, true);
                        })));
    }

    private static void check(Session session, DType dtype, boolean reflects) {
        ImageGather fused = FusionChecks.offered(session, ImageGather.class);
        int channels = IMAGES.size(1);
        int height = IMAGES.size(2);
        int width = IMAGES.size(3);
        byte[] bytes = new byte[(int) IMAGES.elements()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (7 * i);
        }
        float[] statistics = {0.1f, -0.2f, 0.3f, 0.5f, 0.6f, 0.7f};
        List<Number> expected = new ArrayList<>();
        for (int[] move : MOVES) {
            for (int h = 0; h < height; h++) {
                for (int w = 0; w < width; w++) {
                    int row = h + move[1];
                    int column = (move[3] == 1 ? width - 1 - w : w) + move[2];
                    boolean own = row >= 0 && row < height && column >= 0 && column < width;
                    int pixel = (move[0] * height + mirrored(row, height)) * width + mirrored(column, width);
                    for (int c = 0; c < channels; c++) {
                        float value = ((bytes[pixel * channels + c] & 0xFF) / 255f - statistics[c])
                                / statistics[channels + c];
                        expected.add(TypedValues.convert(own || reflects ? (double) value : 0.0, dtype));
                    }
                }
            }
        }
        int[] moves = Stream.of(MOVES).flatMapToInt(IntStream::of).toArray();
        Tensor y = session.empty(dtype, Layout.channelsLast(Shape.of(MOVES.length, channels, height, width)));
        fused.apply(
                reflects,
                session.tensor(bytes, Shape.of(IMAGES.size(0), height, width, channels))
                        .permute(0, 3, 1, 2),
                session.tensor(statistics, Shape.of(2, channels)),
                session.tensor(moves, Shape.of(MOVES.length, ImageGather.MOVE)),
                y);
        TypedOperands.require(reflects ? "reflecting" : "with zeros", expected, y.permute(0, 2, 3, 1));
    }

    private static int mirrored(int place, int size) {
        int positive = Math.abs(place);
        return positive >= size ? 2 * (size - 1) - positive : positive;
    }
}
