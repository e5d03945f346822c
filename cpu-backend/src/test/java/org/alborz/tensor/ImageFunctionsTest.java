package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.Gradients;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What PyTorch 1.13.0 gives for images, signals and volumes in float64, with the gradients of a weighted sum of the results. Long, as a list of numbers. */
final class ImageFunctionsTest {
    /** Element i is (i · factor mod modulus − centre) / divisor. */
    private record Numbers(int factor, int modulus, int centre, int divisor) {
        double[] of(Shape shape) {
            double[] values = new double[(int) shape.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (double) (i * factor % modulus - centre) / divisor;
            }
            return values;
        }
    }

    private static final Numbers INPUT = new Numbers(7, 11, 5, 4);
    private static final Numbers WEIGHT = new Numbers(5, 13, 6, 8);
    private static final Numbers GRADIENT = new Numbers(3, 7, 3, 2);
    private static final double[] GRID = {-0.9, -0.8, 0.1, 0.3, 1.2, -0.4, -0.6, 0.9, 0.7, -1.4, 0.5, 0.55};

    private final Session session =
            Session.open("cpu-scalar", BackendOptions.defaults().withThreads(1), DType.FLOAT64);
    private final Tape tape = new Tape(session);

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor watched(Shape shape, Numbers numbers) {
        return tape.watch(session.tensor(numbers.of(shape), shape));
    }

    private void check(Tensor y, double[] expected, Tensor[] inputs, double[]... gradients) {
        assertThat(y.toDoubles()).containsExactly(expected, within(1e-12));
        Gradients found = tape.gradients(y, session.tensor(GRADIENT.of(y.shape()), y.shape()), inputs);
        for (int i = 0; i < inputs.length; i++) {
            assertThat(found.of(inputs[i]).toDoubles())
                    .as("gradient %d", i)
                    .containsExactly(gradients[i], within(1e-12));
        }
    }

    @Test
    void transposesConvolutionsOfImages() {
        Tensor x = watched(Shape.of(1, 2, 2, 3), INPUT);
        Tensor w = watched(Shape.of(2, 2, 3, 3), WEIGHT);
        Tensor b = tape.watch(session.tensor(new double[] {0.5, -1}, Shape.of(2)));
        check(
                x.convTranspose2d(
                        w, b, Conv2dParameters.defaults().withStride(2).withPadding(1), 1),
                new double[] {
                    0.34375, -0.0625, 0.5625, 1.75, 0.4375, -0.5, -0.0625, 0.9375, 0.71875, 0.34375, 0.46875, 0.71875,
                    0.65625, 1.9375, 0.53125, 1.6875, 0.40625, -0.84375, 1.15625, -0.8125, 0.53125, 1.1875, -0.09375,
                    1.90625, 0.6875, -0.96875, -1.375, -1.3125, -1.375, -0.6875, 0.15625, -1.71875, -1.21875, -1.375,
                    -1.21875, -0.15625, -1.375, -1.3125, -1.375, -1.3125, -1.375, -0.59375, -2.09375, -0.8125, -0.96875,
                    -1.8125, 0.15625, -1.09375
                },
                new Tensor[] {x, w, b},
                new double[] {
                    0.375, -0.6875, -1.25, 2.125, 3.625, -0.375, -0.3125, -2.4375, -3.5, 2.1875, 0.4375, 0.3125
                },
                new double[] {
                    -1.5, 1, -2.25, 0.375, -0.625, 1.25, -0.625, 1, -0.625, 0.625, 1.75, 0.25, -0.125, 1.5, 0.75, 0.625,
                    -3.875, 1.5, -1.5, 1, -2.75, 0.375, -4.75, 2, 0.625, 1.625, -4.75, 1.375, 0.25, 1.75, -2.125, 2.375,
                    1.25, 1.625, -1.75, 2.375
                },
                new double[] {0, -0.5});
    }

    @Test
    void transposesConvolutionsOfSignals() {
        Tensor x = watched(Shape.of(1, 2, 4), INPUT);
        Tensor w = watched(Shape.of(2, 1, 3), WEIGHT);
        Tensor b = tape.watch(session.tensor(new double[] {0.5, -1}, Shape.of(2)));
        check(
                x.convTranspose1d(w, b, new Conv1dParameters(2, 1, 1, 2, 2), 1),
                new double[] {
                    0.5, 0.28125, 0.5, 0.1875, 0.5, -0.125, 0.5, 0.09375, 0.5, 1.125, -1, -0.59375, -1, -1.40625, -1,
                    -1.4375, -1, -0.25, -1, -1.0
                },
                new Tensor[] {x, w, b},
                new double[] {-0.25, -0.4375, -0.25, 1.6875, 0.5, -0.4375, -0.625, -0.8125},
                new double[] {-1, -1.625, 2.75, -0.25, -0.125, -0.375},
                new double[] {0, -0.5});
    }

    @Test
    void convolvesSignals() {
        Tensor x = watched(Shape.of(1, 2, 5), INPUT);
        Tensor w = watched(Shape.of(2, 2, 3), WEIGHT);
        Tensor b = tape.watch(session.tensor(new double[] {0.5, -1}, Shape.of(2)));
        check(
                x.conv1d(w, b, Conv1dParameters.defaults().withStride(2).withPadding(1)),
                new double[] {1.5625, -0.4375, 0.125, -2.625, -1.71875, -0.75},
                new Tensor[] {x, w, b},
                new double[] {0, -0.6875, 0.375, -1.5, -0.5625, -0.5, -0.9375, 0.625, -1.125, -0.4375},
                new double[] {1.875, 2.25, -0.75, -1.5, 2.25, -1.5, -0.75, -0.125, 1, 2, -0.375, -1.5},
                new double[] {0, -0.5});
    }

    @Test
    void convolvesVolumes() {
        Tensor x = watched(Shape.of(1, 1, 3, 3, 2), INPUT);
        Tensor w = watched(Shape.of(2, 1, 2, 2, 2), WEIGHT);
        Tensor b = tape.watch(session.tensor(new double[] {0.5, -1}, Shape.of(2)));
        check(
                x.conv3d(w, b, Conv3dParameters.defaults().withStride(2).withPadding(1)),
                new double[] {
                    0.03125, 0.375, 0.21875, 0.84375, 0.1875, 0.625, 1.40625, -0.90625, -1.625, -1.0625, -0.5, -0.59375,
                    -1.125, -0.9375, -2.21875, -2.3125
                },
                new Tensor[] {x, w, b},
                new double[] {
                    -0.5625, -0.1875, 1.5, 0.1875, 0.3125, 0, -0.125, -0.1875, -0.0625, 1.125, 0.3125, -0.75, -0.125,
                    0.1875, 1.5, -0.1875, -0.5625, 0.375
                },
                new double[] {
                    -1.125, -0.5, 1.875, 0.875, -1, -0.125, -0.625, 2.375, 0, 1.5, 0, -0.625, 1.25, -1.625, -0.25, 0.5
                },
                new double[] {-1.5, 0});
    }

    @Test
    void padsEachSideOnItsOwn() {
        Tensor x = watched(Shape.of(1, 2, 4, 3), INPUT);
        Tensor w = watched(Shape.of(2, 2, 2, 2), WEIGHT);
        Tensor b = tape.watch(session.tensor(new double[] {0.5, -1}, Shape.of(2)));
        check(
                x.conv2d(w, b, Conv2dParameters.defaults().withPadding(Padding2d.same(2, 2, 1))),
                new double[] {
                    1.21875, 2.125, 0.40625, -0.875, 2.09375, 0.5, -0.90625, 2.0625, 0.59375, -1, 1.0625, 1.5, 0.5625,
                    -1.34375, -0.96875, -1.03125, -1.21875, -1, -0.90625, -1.09375, -1.03125, -0.59375, -1.53125,
                    -0.09375
                },
                new Tensor[] {x, w, b},
                new double[] {
                    1.75, -0.125, -0.1875, -1, -0.1875, 0.5625, -1.25, 3.375, -2, 0.6875, -1.8125, -0.1875, -0.4375,
                    -0.25, -0.5625, 0.4375, -1, -0.5625, 0.4375, -1.4375, 1.1875, -0.4375, 3.375, -1.0
                },
                new double[] {
                    2, 0.125, -1.75, 0.375, 1.5, -1.625, 1.125, 1, 0.5, -0.5, 0.875, -1.125, -1.75, 2.75, -2.75, 0.625
                },
                new double[] {0.5, -0.5});
    }

    @Test
    void repeatsTheNearestPixel() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.NEAREST, false),
                new double[] {-1.25, -1.25, 0.5, 0.5, -0.5, -1.25, -1.25, 0.5, 0.5, -0.5, 1.25, 1.25, 0.25, 0.25, -0.75
                },
                new Tensor[] {x},
                new double[] {-2, -0.5, 2.5, 0.5, -0.5, -1.5});
    }

    @Test
    void repeatsTheExactlyNearestPixel() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.NEAREST_EXACT, false),
                new double[] {
                    -1.25, -1.25, 0.5, -0.5, -0.5, 1.25, 1.25, 0.25, -0.75, -0.75, 1.25, 1.25, 0.25, -0.75, -0.75
                },
                new Tensor[] {x},
                new double[] {-1.5, 1.5, 0.5, 0, -2.5, 0.5});
    }

    @Test
    void interpolatesLinearly() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.BILINEAR, false),
                new double[] {
                    -1.25,
                    -0.5500000000000002,
                    0.5,
                    -0.09999999999999987,
                    -0.5,
                    -6.938893903907228e-17,
                    0.1499999999999999,
                    0.375,
                    -0.22499999999999984,
                    -0.6249999999999999,
                    1.25,
                    0.85,
                    0.25,
                    -0.34999999999999987,
                    -0.75
                },
                new Tensor[] {x},
                new double[] {
                    -1.85, 0.6499999999999999, 1.4500000000000002, -0.24999999999999994, -1.05, -0.45000000000000007
                });
    }

    @Test
    void interpolatesLinearlyWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.BILINEAR, true),
                new double[] {
                    -1.25, -0.375, 0.5, 0, -0.5, 0, 0.1875, 0.375, -0.125, -0.625, 1.25, 0.75, 0.25, -0.25, -0.75
                },
                new Tensor[] {x},
                new double[] {-1.875, 0.625, 1.5, -0.375, -0.875, -0.5});
    }

    @Test
    void interpolatesCubically() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.BICUBIC, false),
                new double[] {
                    -1.6579305555555548,
                    -0.6233923611111105,
                    0.521701388888889,
                    0.052888888888888666,
                    -0.5742986111111115,
                    -0.03600000000000025,
                    0.21750000000000022,
                    0.37500000000000006,
                    -0.2099999999999995,
                    -0.7210000000000003,
                    1.5859305555555556,
                    1.0583923611111117,
                    0.22829861111111108,
                    -0.4728888888888879,
                    -0.8677013888888894
                },
                new Tensor[] {x},
                new double[] {
                    -2.145013888888888,
                    0.7836527777777765,
                    1.7849722222222217,
                    -0.2249861111111118,
                    -0.9016527777777777,
                    -0.7969722222222225
                });
    }

    @Test
    void interpolatesCubicallyWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 2, 3), INPUT);
        check(
                x.interpolate(3, 5, Interpolation.BICUBIC, true),
                new double[] {
                    -1.25,
                    -0.28125,
                    0.5,
                    0.1640625,
                    -0.5,
                    0,
                    0.28125,
                    0.375,
                    -0.08984375,
                    -0.625,
                    1.25,
                    0.84375,
                    0.25,
                    -0.34375,
                    -0.75
                },
                new Tensor[] {x},
                new double[] {-1.828125, 0.6015625, 1.4765625, -0.421875, -0.7109375, -0.6171875});
    }

    @Test
    void samplesLinearlyBesideZeros() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.BILINEAR, GridPadding.ZEROS, false),
                new double[] {
                    -0.7, 0.28375000000000006, 0.07499999999999975, -0.30875000000000014, 0, -0.5312500000000002
                },
                new Tensor[] {x, grid},
                new double[] {
                    -0.8399999999999999,
                    0,
                    0,
                    0.08999999999999969,
                    0,
                    0,
                    -0.08749999999999991,
                    -0.02750000000000013,
                    -0.22750000000000012,
                    -0.09750000000000007,
                    -0.4125000000000001,
                    -0.4125000000000001
                },
                new double[] {
                    2.9999999999999996,
                    1.96875,
                    0,
                    0,
                    -2.2500000000000004,
                    -0.281249999999999,
                    -1.1375000000000006,
                    -0.35624999999999996,
                    0,
                    0,
                    2,
                    1.875
                });
    }

    @Test
    void samplesLinearlyBesideZerosWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.BILINEAR, GridPadding.ZEROS, true),
                new double[] {
                    -0.7700000000000002,
                    0.30125000000000013,
                    0.34999999999999987,
                    0.01000000000000012,
                    0.27749999999999986,
                    0.06249999999999993
                },
                new Tensor[] {x, grid},
                new double[] {
                    -1.0200000000000002,
                    -0.17999999999999997,
                    0.27000000000000013,
                    0.7499999999999998,
                    -0.275,
                    -0.07500000000000001,
                    -0.33749999999999997,
                    0.5174999999999996,
                    -0.17999999999999994,
                    -0.27,
                    -0.41250000000000003,
                    -0.1375
                },
                new double[] {
                    -2.7,
                    -1.63125,
                    0,
                    0,
                    -1.125,
                    -1.3124999999999996,
                    -1.1062499999999997,
                    -0.20000000000000012,
                    1.5750000000000004,
                    0.4624999999999997,
                    1.5,
                    1.25
                });
    }

    @Test
    void samplesLinearlyBesideTheBorder() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.BILINEAR, GridPadding.BORDER, false),
                new double[] {
                    -1.25,
                    0.28375000000000006,
                    0.7500000000000001,
                    -0.4749999999999999,
                    1.0749999999999997,
                    -0.5312500000000002
                },
                new Tensor[] {x, grid},
                new double[] {
                    -1.5,
                    0,
                    0.10000000000000009,
                    1.8,
                    0,
                    0,
                    -0.08749999999999991,
                    0.5125000000000001,
                    -0.35,
                    -0.15000000000000002,
                    -0.4125000000000001,
                    -0.4125000000000001
                },
                new double[] {0, 0, 0, 0, 0, -2.8125, -1.75, 0, 3.5, 0, 2, 1.875});
    }

    @Test
    void samplesLinearlyBesideTheBorderWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.BILINEAR, GridPadding.BORDER, true),
                new double[] {
                    -0.7700000000000002,
                    0.30125000000000013,
                    0.5,
                    0.01000000000000012,
                    0.4624999999999997,
                    0.06249999999999993
                },
                new Tensor[] {x, grid},
                new double[] {
                    -1.0200000000000002,
                    -0.17999999999999997,
                    0.4500000000000002,
                    1.15,
                    -0.275,
                    -0.07500000000000001,
                    -0.33749999999999997,
                    0.7874999999999999,
                    -0.17999999999999994,
                    -0.27,
                    -0.41250000000000003,
                    -0.1375
                },
                new double[] {
                    -2.7, -1.63125, 0, 0, 0, -1.875, -1.1062499999999997, -0.20000000000000012, 2.625, 0, 1.5, 1.25
                });
    }

    @Test
    void samplesTheNearestPixelBesideZeros() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.NEAREST, GridPadding.ZEROS, false),
                new double[] {-1.25, 1, 0, -1, 0, -0.25},
                new Tensor[] {x},
                new double[] {-1.5, 0, 0, 0, 0, 0, 0, 0, -0.5, 0, -1, 0});
    }

    @Test
    void samplesTheNearestPixelBesideZerosWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.NEAREST, GridPadding.ZEROS, true),
                new double[] {-1.25, 1, 0, 0.75, 1.25, -0.25},
                new Tensor[] {x},
                new double[] {-1.5, 0, 0, 1, 0, 0, 0, 1.5, 0, -0.5, -1, 0});
    }

    @Test
    void samplesTheNearestPixelBesideTheBorder() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.NEAREST, GridPadding.BORDER, false),
                new double[] {-1.25, 1, 1.25, -1, 1.25, -0.25},
                new Tensor[] {x},
                new double[] {-1.5, 0, 0, 2.5, 0, 0, 0, 0, -0.5, 0, -1, 0});
    }

    @Test
    void samplesTheNearestPixelBesideTheBorderWithCornersOnCorners() {
        Tensor x = watched(Shape.of(1, 1, 3, 4), INPUT);
        Tensor grid = tape.watch(session.tensor(GRID, Shape.of(1, 2, 3, 2)));
        check(
                x.gridSample(grid, Interpolation.NEAREST, GridPadding.BORDER, true),
                new double[] {-1.25, 1, 0, 0.75, 1.25, -0.25},
                new Tensor[] {x},
                new double[] {-1.5, 0, 0, 1, 0, 0, 0, 1.5, 0, -0.5, -1, 0});
    }

    @Test
    void averagesAdaptively() {
        Tensor x = watched(Shape.of(1, 1, 5, 4), INPUT);
        check(
                x.adaptiveAvgPool2d(3, 3),
                new double[] {-0.3125, 0.0625, 0.4375, -0.125, 0.25, 0.16666666666666666, 0.0625, 0.4375, 0.125},
                new Tensor[] {x},
                new double[] {
                    -0.375,
                    -0.375,
                    0.375,
                    0.375,
                    -0.4583333333333333,
                    -0.29166666666666663,
                    0.375,
                    0.20833333333333334,
                    -0.08333333333333333,
                    0.08333333333333333,
                    0,
                    -0.16666666666666666,
                    0.04166666666666667,
                    -0.16666666666666669,
                    -0.375,
                    -0.16666666666666666,
                    0.125,
                    -0.25,
                    -0.375,
                    0
                });
    }

    @Test
    void takesTheLargestAdaptively() {
        Tensor x = watched(Shape.of(1, 1, 5, 4), INPUT);
        check(
                x.adaptiveMaxPool2d(3, 3),
                new double[] {0.5, 1, 1.25, 0.75, 1.25, 1.25, 1, 1.25, 1.25},
                new Tensor[] {x},
                new double[] {0, -1.5, 0, 1.5, 0, 0, 0, 0, 0, -0.5, 0, 0, 0, 0, -1.5, 0, 0, 0.5, 0, 0});
    }

    @Test
    void mirrorsAtTheBorder() {
        Tensor x = watched(Shape.of(1, 1, 5, 4), INPUT);
        check(
                x.reflectionPad2d(new Padding2d(3, 0, 1, 2)),
                new double[] {
                    -0.5, 0.5, -0.5, 1.25, 0.25, 1.25, -0.5, 0.75, -1, 0.75, -0.25, -1.25, -0.25, 0.75, -0.75, 0.25,
                    -0.75, 1, 0, 1, -0.75, 0.5, -1.25, 0.5, -0.5, 1.25, -0.5, 0.5, -0.75, 0.25, -0.75, 1, 0, 1, -0.75,
                    0.75, -1, 0.75, -0.25, -1.25, -0.25, 0.75, -0.5, 0.5, -0.5, 1.25, 0.25, 1.25, -0.5, 1, -0.75, 1, 0,
                    -1, 0, 1.0
                },
                new Tensor[] {x},
                new double[] {0, 0.5, -1.5, 1, 0, 1, -3, 2, 0, 1, -3, 2, 0, 1, -3, 2, 0, 0.5, -1.5, 1.0});
    }

    @Test
    void averagesWithoutThePadding() {
        Tensor x = watched(Shape.of(1, 1, 5, 6), INPUT);
        check(
                x.avgPool2d(Pool2dParameters.of(3)
                        .withStride(2)
                        .withPadding(1)
                        .withCeil(true)
                        .withCountPadding(false)),
                new double[] {
                    0.0625,
                    0.16666666666666666,
                    0,
                    -1,
                    0,
                    0.027777777777777776,
                    -0.1388888888888889,
                    0.08333333333333333,
                    -0.0625,
                    0.041666666666666664,
                    -0.125,
                    0.25
                },
                new Tensor[] {x},
                new double[] {
                    -0.375,
                    -0.375,
                    0,
                    0.25,
                    0.25,
                    0,
                    -0.20833333333333334,
                    -0.3194444444444444,
                    -0.1111111111111111,
                    0.19444444444444445,
                    0.3055555555555556,
                    -0.4444444444444444,
                    0.16666666666666666,
                    0.05555555555555555,
                    -0.1111111111111111,
                    -0.05555555555555555,
                    0.05555555555555555,
                    -0.4444444444444444,
                    0.16666666666666666,
                    0.3055555555555556,
                    0.1388888888888889,
                    0.11111111111111112,
                    -0.027777777777777776,
                    -0.02777777777777779,
                    0,
                    0.25,
                    0.25,
                    0.16666666666666669,
                    -0.08333333333333333,
                    0.4166666666666667
                });
    }

    @Test
    void averagesPartialWindows() {
        Tensor x = watched(Shape.of(1, 1, 5, 6), INPUT);
        check(
                x.avgPool2d(Pool2dParameters.of(3).withStride(2).withPadding(1).withCeil(true)),
                new double[] {
                    0.027777777777777776,
                    0.1111111111111111,
                    0,
                    -0.3333333333333333,
                    0,
                    0.027777777777777776,
                    -0.1388888888888889,
                    0.041666666666666664,
                    -0.027777777777777776,
                    0.027777777777777776,
                    -0.08333333333333333,
                    0.08333333333333333
                },
                new Tensor[] {x},
                new double[] {
                    -0.16666666666666666,
                    -0.16666666666666666,
                    0,
                    0.16666666666666666,
                    0.16666666666666666,
                    0.08333333333333333,
                    -0.05555555555555555,
                    -0.16666666666666666,
                    -0.1111111111111111,
                    0.1111111111111111,
                    0.2222222222222222,
                    -0.1111111111111111,
                    0.1111111111111111,
                    0,
                    -0.1111111111111111,
                    -0.05555555555555555,
                    0.05555555555555555,
                    -0.19444444444444445,
                    0.1111111111111111,
                    0.16666666666666666,
                    0.05555555555555555,
                    0.05555555555555555,
                    0,
                    -0.08333333333333334,
                    0,
                    0.16666666666666666,
                    0.16666666666666666,
                    0.1111111111111111,
                    -0.05555555555555555,
                    0.1111111111111111
                });
    }

    @Test
    void takesTheLargestOfWindowsWithGaps() {
        Tensor x = watched(Shape.of(1, 1, 5, 6), INPUT);
        check(
                x.maxPool2d(
                        Pool2dParameters.of(2).withPadding(1).withDilation(2).withCeil(true)),
                new double[] {0, 0.75, 0.75, -1.25, 0, 0.75, 0.75, 0.5, -1, -0.25, 0.5, 0.5},
                new Tensor[] {x},
                new double[] {
                    0, 0, 0, 0, 0, 0, 0, -0.5, 0, 1, 0, -0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.5, 0, -1, 0, 0, 0, 0, 0, 0
                });
    }

    @Test
    void putsTheLargestBack() {
        MaxPooled pooled = watched(Shape.of(1, 1, 5, 4), INPUT).maxPool2dWithIndices(Pool2dParameters.of(2));
        assertThat(pooled.indices().toInts()).containsExactly(1, 3, 9, 14);
        Tensor unpooled = pooled.values().maxUnpool2d(pooled.indices(), 5, 4);
        assertThat(unpooled.toDoubles())
                .containsExactly(0, 0.5, 0, 1.25, 0, 0, 0, 0, 0, 0.75, 0, 0, 0, 0, 1.25, 0, 0, 0, 0, 0);
    }

    /** Which otherwise would be put into the next image, or the one before. */
    @Test
    void placesOutsideOfTheirImageAreRefused() {
        Tensor x = session.ones(Shape.of(3, 1, 1, 1));
        for (int place : new int[] {4, -1}) {
            Tensor indices = session.tensor(new int[] {0, place, 0}, Shape.of(3, 1, 1, 1));
            for (DType type : new DType[] {DType.INT32, DType.INT64}) {
                assertThatThrownBy(() -> x.maxUnpool2d(indices.to(type), 2, 2).toDoubles())
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("from 0 to 3, got " + place);
            }
        }
    }

    @Test
    void movesChannelsToPixelsAndBack() {
        Tensor x = watched(Shape.of(1, 4, 1, 2), INPUT);
        assertThat(x.pixelShuffle(2).toDoubles()).containsExactly(-1.25, -0.5, 0.5, 1.25, 0.25, 1, -0.75, 0);
        assertThat(x.pixelShuffle(2).pixelUnshuffle(2).toDoubles()).containsExactly(x.toDoubles());
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor images = session.zeros(Shape.of(2, 3, 4, 4));
        Tensor signals = session.zeros(Shape.of(2, 3, 4));
        refused(
                "conv1d expects input [N, C, L]",
                () -> images.conv1d(session.zeros(Shape.of(1, 3, 2)), null, Conv1dParameters.defaults()));
        refused(
                "conv1d expects weight [O, C/groups, K]",
                () -> signals.conv1d(session.zeros(Shape.of(1, 3, 2, 2)), null, Conv1dParameters.defaults()));
        refused(
                "conv3d expects input [N, 3, D, H, W], got [2, 3, 4, 4]",
                () -> images.conv3d(session.zeros(Shape.of(1, 3, 2, 2, 2)), null, Conv3dParameters.defaults()));
        refused(
                "less than the stride 1x1, got 1x1",
                () -> images.convTranspose2d(
                        session.zeros(Shape.of(3, 1, 2, 2)), null, Conv2dParameters.defaults(), 1));
        refused(
                "convTranspose2d expects input [N, 2, H, W]",
                () -> images.convTranspose2d(
                        session.zeros(Shape.of(2, 1, 2, 2)), null, Conv2dParameters.defaults(), 0));
        refused(
                "convTranspose1d expects an output padding of at least 0 and less than the stride",
                () -> signals.convTranspose1d(session.zeros(Shape.of(3, 1, 2)), null, Conv1dParameters.defaults(), 1));
        Tensor volumes = session.zeros(Shape.of(2, 3, 4, 4, 4));
        refused(
                "convTranspose3d expects a kernel of at least 1",
                () -> volumes.convTranspose3d(
                        session.zeros(Shape.of(3, 1, 2, 0, 2)), null, Conv3dParameters.defaults(), 0));
        refused(
                "interpolate aligns corners with bilinear",
                () -> images.interpolate(2, 2, Interpolation.NEAREST, true));
        refused(
                "interpolate expects a height and a width of at least 1, got 0x2",
                () -> images.interpolate(0, 2, Interpolation.BILINEAR));
        refused(
                "gridSample expects a grid [2, OH, OW, 2]",
                () -> images.gridSample(
                        session.zeros(Shape.of(1, 2, 2, 2)), Interpolation.BILINEAR, GridPadding.ZEROS, false));
        refused(
                "gridSample expects BILINEAR or NEAREST, got BICUBIC",
                () -> images.gridSample(
                        session.zeros(Shape.of(2, 2, 2, 2)), Interpolation.BICUBIC, GridPadding.ZEROS, false));
        refused("pixelShuffle expects", () -> images.pixelShuffle(2));
        refused("pixelUnshuffle expects", () -> images.pixelUnshuffle(3));
        refused("reflectionPad2d expects", () -> images.reflectionPad2d(Padding2d.of(4)));
        refused("adaptiveAvgPool2d expects", () -> images.adaptiveAvgPool2d(0, 1));
        refused("maxUnpool2d expects", () -> images.maxUnpool2d(images, 8, 8));
    }

    private static void refused(String words, Runnable call) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageContaining(words);
    }

    @Test
    void windowsAreUnfoldedAndFolded() {
        Conv2dParameters p = new Conv2dParameters(1, 2, 0, 1, 1, 1, 1);
        Tensor x = session.tensor(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Shape.of(1, 2, 2, 3));
        Tensor windows = x.unfold(2, 2, p);
        assertThat(windows.shape()).isEqualTo(Shape.of(1, 8, 2));
        assertThat(windows.toDoubles()).containsExactly(0, 2, 1, 3, 0, 5, 4, 6, 0, 8, 7, 9, 0, 11, 10, 12);
        double[] counted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        Tensor folded = session.tensor(counted, Shape.of(1, 8, 2)).fold(2, 3, 2, 2, p);
        assertThat(folded.toDoubles()).containsExactly(3, 2, 4, 7, 6, 8, 11, 10, 12, 15, 14, 16);
    }

    /** With uneven padding, strides and dilation; fold is the adjoint of unfold, and each is the other's gradient. */
    @Test
    void theProductOfWeightsAndWindowsIsTheConvolution() {
        Conv2dParameters p = new Conv2dParameters(2, 1, new Padding2d(1, 0, 2, 1), 1, 2, 1);
        Tensor x = watched(Shape.of(2, 3, 5, 4), INPUT);
        Tensor w = session.tensor(WEIGHT.of(Shape.of(4, 3, 3, 2)), Shape.of(4, 3, 3, 2));
        Tensor windows = x.unfold(3, 2, p);
        Tensor product = w.reshape(1, 4, 18).expand(Shape.of(2, 4, 18)).matmul(windows);
        Tensor y = x.conv2d(w, null, p);
        assertThat(product.toDoubles()).containsExactly(y.toDoubles(), within(1e-12));
        Tensor weights = session.tensor(GRADIENT.of(windows.shape()), windows.shape());
        double[] gradient = tape.gradients(windows.mul(weights).sum(), x).of(x).toDoubles();
        assertThat(weights.fold(5, 4, 3, 2, p).toDoubles()).containsExactly(gradient, within(1e-12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weights.fold(6, 9, 3, 2, p))
                .withMessageContaining("fold to 6x9 expects [N, C·6,");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> x.unfold(9, 2, p))
                .withMessageContaining("hold a window of 9x2");
    }
}
