package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.alborz.ops.Engine;
import org.alborz.ops.Narrow;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** What every data type can do: travel between host and device, be converted, viewed, copied in any layout, and joined. */
final class TypeChecks {
    private final Sessions sessions;
    private final List<DType> types;

    TypeChecks(Sessions sessions) {
        this.sessions = sessions;
        this.types = Stream.of(DType.values())
                .filter(type -> sessions.refusal(type) == null)
                .toList();
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType type : types) {
            tests.add(on("there and back", type, TypeChecks::thereAndBack));
            tests.add(on("values as Java's types", type, TypeChecks::javaValues));
            tests.add(on("fill converts", type, TypeChecks::fills));
            tests.add(on("views and copies", type, TypeChecks::views));
            for (DType to : types) {
                tests.add(dynamicTest(
                        "conversion / " + type + " to " + to,
                        () -> sessions.run(DType.FLOAT32, session -> conversions(session, type, to))));
            }
        }
        tests.add(dynamicTest(
                "bytes of pixels become the floats that the host makes of them",
                () -> sessions.run(DType.FLOAT32, TypeChecks::pixels)));
        return tests.stream();
    }

    private DynamicNode on(String name, DType type, BiConsumer<Session, DType> check) {
        return dynamicTest(
                name + " / " + type, () -> sessions.run(DType.FLOAT32, session -> check.accept(session, type)));
    }

    private static void thereAndBack(Session session, DType type) {
        for (int count : new int[] {0, 1, 3, 16, 17, 1031}) {
            TypedValues values = TypedValues.special(type).repeated(count);
            Tensor x = values.place(session, Shape.of(count));
            assertThat(TypedValues.of(x)).isEqualTo(values);
            assertThat(TypedValues.of(x.narrow(0, count / 3, count - count / 3)).values())
                    .isEqualTo(values.values().subList(count / 3, count));
        }
    }

    private static void javaValues(Session session, DType type) {
        TypedValues values = TypedValues.special(type);
        Tensor x = values.place(session, Shape.of(values.count()));
        double[] doubles = x.toDoubles();
        float[] floats = x.toFloats();
        for (int i = 0; i < values.count(); i++) {
            Number value = values.values().get(i);
            assertThat(doubles[i]).isEqualByComparingTo(value.doubleValue());
            assertThat(floats[i]).isEqualByComparingTo(value.floatValue());
            assertThat(x.narrow(0, i, 1).item()).isEqualByComparingTo(value.doubleValue());
        }
        if (type.isFloating()) {
            assertThatThrownBy(x::toLongs).hasMessageContaining("int64, int32, uint8 or bool");
        } else {
            assertThat(x.toLongs())
                    .containsExactly(values.values().stream()
                            .mapToLong(Number::longValue)
                            .toArray());
        }
        if (type == DType.BOOL) {
            Tensor again = session.tensor(x.toBooleans(), x.shape());
            assertThat(TypedValues.of(again)).isEqualTo(values);
            assertThatThrownBy(() -> x.assignRowMajor(
                            ByteBuffer.wrap(new byte[values.count()]).put(0, (byte) 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 or 0")
                    .hasMessageContaining("got 2");
        } else if (type == DType.UINT8) {
            assertThat(TypedValues.of(session.tensor(x.toBytes(), x.shape()))).isEqualTo(values);
        } else if (type == DType.INT64) {
            assertThat(TypedValues.of(session.tensor(x.toLongs(), x.shape()))).isEqualTo(values);
            assertThatThrownBy(x::toInts).hasMessageContaining("int32, uint8 or bool");
        }
    }

    private static void fills(Session session, DType type) {
        for (Number number : TypedValues.special(DType.FLOAT64).values()) {
            double value = number.doubleValue();
            List<Number> expected = List.of(TypedValues.convert(value, type), TypedValues.convert(value, type));
            assertThat(TypedValues.of(session.full(value, Shape.of(2), type)).values())
                    .as("%s of %s", type, value)
                    .isEqualTo(expected);
            Tensor x = session.zeros(Shape.of(3, 4), type);
            Engine.apply(new Narrow(1, 1, 2, 2), x).fill(value);
            Number zero = TypedValues.convert(0.0, type);
            Number one = expected.get(0);
            assertThat(TypedValues.of(x.narrow(0, 1, 1)).values())
                    .as("%s of %s", type, value)
                    .containsExactly(zero, one, zero, one);
        }
    }

    private static void views(Session session, DType type) {
        TypedValues values = TypedValues.special(type).repeated(60);
        Tensor x = values.place(session, Shape.of(3, 5, 4));
        HostArray places = HostArray.compute(x.shape(), i -> 20 * i[0] + 4 * i[1] + i[2]);
        check(values, places.permute(2, 0, 1), x.permute(2, 0, 1));
        check(values, places.permute(2, 0, 1), x.permute(2, 0, 1).reshape(4, 15));
        check(
                values,
                places,
                x.transpose(0, 2).to(Layout.rowMajor(Shape.of(4, 5, 3))).transpose(0, 2));
        check(
                values,
                HostArray.compute(Shape.of(3, 2, 4), i -> 20 * i[0] + 4 * (2 * i[1] + 1) + i[2]),
                Engine.apply(new Narrow(1, 1, 2, 2), x));
        check(
                values,
                HostArray.compute(Shape.of(2, 3, 1, 4), i -> 20 * i[1] + 8 + i[3]),
                x.narrow(1, 2, 1).expand(Shape.of(2, 3, 1, 4)));
        Tensor copy = session.empty(type, Layout.of(Shape.of(3, 5), new long[] {1, 3}, 0));
        copy.assign(x.narrow(2, 1, 1).reshape(3, 5));
        check(values, HostArray.compute(Shape.of(3, 5), i -> 20 * i[0] + 4 * i[1] + 1), copy);
        Tensor joined = Tensor.concat(1, x, x.narrow(1, 4, 1), x.narrow(1, 0, 0));
        check(values, HostArray.compute(Shape.of(3, 6, 4), i -> 20 * i[0] + 4 * Math.min(i[1], 4) + i[2]), joined);
        Tensor picked = x.gather(2, session.tensor(new int[] {3, 0, 3}, Shape.of(3)));
        check(values, HostArray.compute(Shape.of(3, 5, 3), i -> 20 * i[0] + 4 * i[1] + 3 * (1 - i[2] % 2)), picked);
        int[] rows = {14, 0, 7, 7};
        Tensor table = x.reshape(15, 4).gather(0, session.tensor(rows, Shape.of(2, 2)));
        check(values, HostArray.compute(Shape.of(2, 2, 4), i -> 4 * rows[2 * i[0] + i[1]] + i[2]), table);
        assertThat(x.narrow(0, 0, 0)
                        .transpose(0, 1)
                        .to(Layout.rowMajor(Shape.of(5, 0, 4)))
                        .shape())
                .isEqualTo(Shape.of(5, 0, 4));
    }

    private static void check(TypedValues values, HostArray places, Tensor actual) {
        List<Number> expected = new ArrayList<>();
        for (double place : places.values()) {
            expected.add(values.values().get((int) place));
        }
        assertThat(TypedValues.of(actual).values()).isEqualTo(expected);
    }

    /** Row-major, with an offset that is no multiple of a vector's width, transposed, stepped, and repeated. */
    private static void conversions(Session session, DType from, DType to) {
        TypedValues values = TypedValues.special(from).repeated(4 * 37);
        TypedValues expected = values.convertedTo(to);
        Tensor x = values.place(session, Shape.of(4, 37));
        require(expected.values(), x.to(to));
        for (int length : new int[] {1, 2, 15, 17, 33}) {
            require(
                    expected.values().subList(3, 3 + length),
                    x.reshape(-1).narrow(0, 3, length).to(to));
        }
        Tensor into = session.zeros(Shape.of(37, 8), to);
        Engine.apply(new Narrow(1, 1, 4, 2), into).assign(x.transpose(0, 1));
        require(expected.values(), Engine.apply(new Narrow(1, 1, 4, 2), into).transpose(0, 1));
        Tensor row = session.zeros(Shape.of(3, 37), to).assign(x.narrow(0, 2, 1).expand(Shape.of(3, 37)));
        require(expected.values().subList(74, 111), row.narrow(0, 1, 1));
        assertThat(x.narrow(1, 0, 0).to(to).shape()).isEqualTo(Shape.of(4, 0));
    }

    private static void require(List<Number> expected, Tensor actual) {
        assertThat(TypedValues.of(actual).values()).isEqualTo(expected);
    }

    /** As {@code ChannelNormalization} makes them: {@code (pixel / 255 − mean) / std} in float32, channels last. */
    private static void pixels(Session session) {
        float[] mean = {0.4914f, 0.4822f, 0.4465f};
        float[] std = {0.2470f, 0.2435f, 0.2616f};
        byte[] bytes = new byte[256 * 3];
        float[] expected = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i / 3);
            expected[i] = (i / 3 / 255f - mean[i % 3]) / std[i % 3];
        }
        Tensor pixels = session.tensor(bytes, Shape.of(2, 8, 16, 3)).permute(0, 3, 1, 2);
        Tensor images = pixels.to(DType.FLOAT32)
                .div(session.scalar(255))
                .sub(session.tensor(mean, Shape.of(3, 1, 1)))
                .div(session.tensor(std, Shape.of(3, 1, 1)));
        assertThat(images.layout().isChannelsLast()).isTrue();
        assertThat(images.permute(0, 2, 3, 1).toFloats()).containsExactly(expected);
    }
}
