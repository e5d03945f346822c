package org.alborz.cuda.dnn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The plans made so far; the ones used last are kept.
 *
 * @param <K> what a plan is made for
 */
public final class PlanCache<K, P extends AutoCloseable> implements AutoCloseable {
    private static final int MOST = 1024;

    private final Function<K, P> maker;
    private final Map<K, P> plans = new LinkedHashMap<>(64, 0.75f, true);

    public PlanCache(Function<K, P> maker) {
        this.maker = maker;
    }

    /** Returns the plan for a key, and makes it where there is none. */
    public P of(K key) {
        P plan = plans.get(key);
        if (plan == null) {
            plan = maker.apply(key);
            plans.put(key, plan);
            if (plans.size() > MOST) {
                var oldest = plans.entrySet().iterator();
                close(oldest.next().getValue());
                oldest.remove();
            }
        }
        return plan;
    }

    /** Returns the plans that are kept, the one used last at the end. */
    public List<P> plans() {
        return List.copyOf(plans.values());
    }

    private static void close(AutoCloseable plan) {
        try {
            plan.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("A plan could not be closed", e);
        }
    }

    @Override
    public void close() {
        plans.values().forEach(PlanCache::close);
        plans.clear();
    }
}
