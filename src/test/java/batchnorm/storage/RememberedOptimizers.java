package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerStore;
import batchnorm.layer.LayerStore.Transaction;
import batchnorm.layer.OptimizerState;
import batchnorm.optimizer.Memory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The contract of every store for optimizer state.
record RememberedOptimizers(Supplier<LayerStore> store, Runnable reopen) {
    private static final Memory ADAM =
            new Memory(Memory.Kind.ADAM, 7, new double[] {-0.0, 1}, new double[] {2, 3});
    private static final Memory PLAIN = new Memory(Memory.Kind.SGD, 1, null, null);

    void liveThroughRestartsAndGoWithTheirLayer() {
        Layer layer = Samples.layer(LayerStoreContract.NAME, 2);
        Samples.create(store.get(), layer);
        assertThat(remembered()).isNull();
        remember(new OptimizerState(ADAM, null));
        remember(new OptimizerState(ADAM, PLAIN));
        reopen.run();
        assertThat(remembered())
                .usingRecursiveComparison()
                .isEqualTo(new OptimizerState(ADAM, PLAIN));
        store.get()
                .write(
                        layer.name(),
                        transaction -> {
                            transaction.delete();
                            return transaction.optimizer();
                        });
        Samples.create(store.get(), Samples.layer(LayerStoreContract.NAME, 2));
        assertThat(remembered()).isNull();
    }

    void haveOne() {
        Samples.create(store.get(), Samples.layer(LayerStoreContract.NAME, 2));
        remember(new OptimizerState(ADAM, PLAIN));
    }

    void goWhenTheirWorkFails() {
        Samples.create(store.get(), Samples.layer(LayerStoreContract.NAME, 2));
        try {
            store.get()
                    .write(
                            LayerStoreContract.NAME,
                            transaction -> {
                                transaction.remember(new OptimizerState(ADAM, null));
                                throw new IllegalArgumentException("on purpose");
                            });
        } catch (IllegalArgumentException onPurpose) {
            assertThat(onPurpose).hasMessage("on purpose");
        }
        assertThat(remembered()).isNull();
    }

    private @Nullable OptimizerState remembered() {
        return store.get().write(LayerStoreContract.NAME, Transaction::optimizer);
    }

    private void remember(OptimizerState state) {
        store.get()
                .write(
                        LayerStoreContract.NAME,
                        transaction -> {
                            transaction.remember(state);
                            assertThat(transaction.optimizer()).isSameAs(state);
                            return state;
                        });
    }
}
