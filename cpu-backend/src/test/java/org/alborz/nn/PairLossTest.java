package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Losses of differences, embeddings, distributions and masks give PyTorch 1.13's values and gradients. */
class PairLossTest {
    private final Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
    private final LossSamples samples = new LossSamples(session);

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void smoothL1() {
        Tensor output = samples.scores().narrow(1, 0, 2);
        Tensor target = samples.scores().narrow(1, 2, 2).mul(2);
        samples.check(
                x -> Loss.smoothL1(0.7).of(x, target),
                output,
                1.0493364272610948,
                -0.039879541685226796,
                0.03634463608744008);
        samples.check(x -> Loss.smoothL1(0).of(x, target), output, 1.3657913995089312, -1 / 24.0, 1 / 24.0);
        samples.check(
                x -> Loss.huber(0.7).sum(x, target),
                output,
                17.628851977986393,
                -0.6699763003118102,
                0.6105898862689934);
        assertThat(Loss.mse().terms(output, target).shape()).isEqualTo(Shape.of(12, 2));
        assertThatThrownBy(() -> Loss.smoothL1(-1)).hasMessageContaining("at least 0, got -1.0");
    }

    @Test
    void cosineEmbedding() {
        CosineEmbeddingLoss loss = new CosineEmbeddingLoss(0.2);
        samples.check(
                x -> loss.of(x, samples.others(), samples.signs()),
                samples.scores(),
                0.6438791180904349,
                -0.0733743989600275,
                -0.022437826265160585,
                0.03948178515995736,
                0.07308919002542615);
        Tensor zeros = session.zeros(Shape.of(2, 3));
        samples.check(x -> loss.of(x, zeros.add(1), session.tensor(new double[] {1, -1}, Shape.of(2))), zeros, 0.5);
        assertThatThrownBy(() -> loss.of(samples.scores(), samples.others(), samples.others()))
                .hasMessageContaining("signs [N]");
        assertThatThrownBy(() -> new CosineEmbeddingLoss(2)).hasMessageContaining("[-1, 1], got 2.0");
    }

    @Test
    void tripletMargin() {
        Tensor near = samples.others();
        Tensor far = samples.further();
        samples.check(
                x -> new TripletMarginLoss().of(x, near, far),
                samples.scores(),
                1.0564092686871094,
                -0.05179426651239491,
                0.031901906884473315,
                0.11611751928840143,
                0.06885900390817815);
        samples.check(
                x -> new TripletMarginLoss(0.5, 1, true).of(x, near, far),
                samples.scores(),
                1.347811605922378,
                -1 / 6.0,
                1 / 6.0,
                1 / 6.0,
                1 / 6.0);
        samples.check(
                x -> new TripletMarginLoss(2, 3, false).of(x, near, far),
                samples.scores(),
                2.0400105007823046,
                -0.04591018050670135,
                0.010007631522048413,
                0.10653560080202797,
                0.050314915036489126);
        double[] infinity = new TripletMarginLoss(1, Double.POSITIVE_INFINITY, false)
                .terms(samples.scores(), near, far)
                .toDoubles();
        double d = 0;
        double e = 0;
        for (int i = 0; i < 4; i++) {
            d = Math.max(d, Math.abs(samples.scores().toDoubles()[i] - near.toDoubles()[i] + 1e-6));
            e = Math.max(e, Math.abs(samples.scores().toDoubles()[i] - far.toDoubles()[i] + 1e-6));
        }
        assertThat(infinity[0]).isCloseTo(Math.max(0, d - e + 1), within(1e-12));
        assertThatThrownBy(() -> new TripletMarginLoss(1, 0.5, false)).hasMessageContaining("p >= 1, got 0.5");
    }

    @Test
    void marginRanking() {
        Tensor a = samples.scores().narrow(1, 0, 1).reshape(12);
        Tensor b = samples.others().narrow(1, 0, 1).reshape(12);
        samples.check(
                x -> new MarginRankingLoss(0.3).of(x, b, samples.signs()),
                a,
                0.5569749050926244,
                -1 / 12.0,
                1 / 12.0,
                0,
                1 / 12.0);
        assertThatThrownBy(() -> new MarginRankingLoss(0.3).of(a, samples.others(), samples.signs()))
                .hasMessageContainingAll("[12]", "[12, 4]");
    }

    @Test
    void contrast() {
        samples.check(
                x -> Loss.infoNce(0.2).of(x, samples.others()),
                samples.scores(),
                4.005826733120595,
                -0.30852242543138275,
                -0.16825840202154974,
                0.3059882907351324,
                0.35045926026434104);
        samples.check(
                x -> Loss.ntXent(0.5).of(x, samples.others()),
                samples.scores(),
                3.7742167934168216,
                -0.1173065656496152,
                -0.0463536107711061,
                0.08113862831547392,
                0.1594714398949762);
        assertThat(Loss.ntXent(0.5).terms(samples.scores(), samples.others()).shape())
                .isEqualTo(Shape.of(24));
        Tensor one = samples.scores().narrow(0, 0, 1);
        samples.check(x -> Loss.ntXent(0.5).of(x, samples.others().narrow(0, 0, 1)), one, 0, 0, 0, 0, 0);
        assertThat(Loss.infoNce(1)
                        .of(session.zeros(Shape.of(2, 3)), session.ones(Shape.of(2, 3)))
                        .item())
                .isCloseTo(Math.log(2), within(1e-12));
        assertThatThrownBy(() -> Loss.infoNce(0)).hasMessageContaining("temperature above 0");
    }

    @Test
    void poisson() {
        Tensor counts = samples.make(i -> (i / 4 * 3 + i % 4) % 5, 12, 4);
        samples.check(
                x -> Loss.poissonNll().of(x, counts),
                samples.scores(),
                0.9315480935787449,
                0.020833333333333332,
                0.018843677799723544,
                -0.012543253751145907,
                -0.04131341563154732);
        samples.check(
                x -> new PoissonNllLoss(false, true, 1e-8).of(x.exp(), counts),
                samples.scores(),
                2.0132656200423096,
                0.020833333333333332,
                0.01884367790911378,
                -0.012543253453084846,
                -0.04131341501696817);
    }

    @Test
    void gaussian() {
        Tensor variance = samples.further().square().add(0.05);
        variance.narrow(0, 0, 1).narrow(1, 0, 1).fill(1e-9);
        GaussianNllLoss loss = new GaussianNllLoss();
        samples.check(
                x -> loss.of(x, samples.others(), variance),
                samples.scores(),
                10417.574210027278,
                -20833.333333333332,
                0.002855796980011049,
                0.017847007647548183,
                0.3000096727675196);
        samples.check(
                v -> new GaussianNllLoss(true, 1e-6).of(samples.scores(), samples.others(), v),
                variance,
                10418.493148560481,
                -10416656250.0,
                0.013545239554640535,
                0.004235650501009482,
                -2.011148543894639);
        samples.check(
                x -> loss.sum(x, samples.others(), variance.narrow(1, 1, 1)),
                samples.scores(),
                89.14513692810226,
                -1.3191334452504482,
                0.13707825504053037,
                0.9908472828577406,
                1.3281119912866555);
    }

    /** A large power of the distance's 10⁻⁶ is 0 in float32, where its root has no slope. */
    @Test
    void tripletsOfEqualSamplesHaveASlope() {
        Tensor one = session.ones(Shape.of(2, 3), DType.FLOAT32);
        try (Tape tape = new Tape(session)) {
            Tensor x = tape.watch(one);
            Tensor terms = new TripletMarginLoss(1, 10, false).terms(x, one, one);
            assertThat(terms.toDoubles()).containsExactly(1, 1);
            double[] slopes = tape.gradients(terms.sum(), x).of(x).toDoubles();
            assertThat(slopes).doesNotContain(Double.NaN);
        }
    }

    /** PyTorch has no Dice loss; the expected values are the formula in PyTorch. */
    @Test
    void dice() {
        Tensor masks = samples.flags().reshape(2, 2, 3, 4);
        samples.check(
                x -> Loss.dice().of(x.sigmoid().reshape(2, 2, 3, 4), masks),
                samples.scores(),
                0.4002999483887609,
                -0.0058133372625329555,
                -0.005249572913789875,
                0.002595936576841387,
                -0.005812926413744441);
        Tensor empty = session.zeros(Shape.of(2, 1, 3, 3));
        samples.check(x -> Loss.dice().of(x, empty), empty, 0);
        assertThat(Loss.dice().terms(samples.flags(), samples.flags()).toDoubles())
                .hasSize(12)
                .containsOnly(0);
        assertThatThrownBy(() -> Loss.dice().of(session.zeros(Shape.of(3)), session.zeros(Shape.of(3))))
                .hasMessageContaining("[N, C, …] or [N, K]");
    }
}
