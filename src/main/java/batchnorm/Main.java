package batchnorm;

import batchnorm.access.AccessSettings;
import batchnorm.access.AuditLog;
import batchnorm.access.Authenticator;
import batchnorm.access.AuthorizationInterceptor;
import batchnorm.access.CrossSitePolicy;
import batchnorm.access.PrincipalFilter;
import batchnorm.access.ScopeResolver;
import batchnorm.admission.AdmissionFilter;
import batchnorm.admission.PermitReleasingStore;
import batchnorm.admission.RequestLimits;
import batchnorm.codec.Codec;
import batchnorm.collective.Accumulations;
import batchnorm.collective.CollectiveLimits;
import batchnorm.collective.SyncGroups;
import batchnorm.kernel.Kernel;
import batchnorm.layer.Aggregations;
import batchnorm.layer.ContextStore;
import batchnorm.layer.Insights;
import batchnorm.layer.LayerStore;
import batchnorm.layer.Layers;
import batchnorm.layer.ParameterUpdates;
import batchnorm.layer.Passes;
import batchnorm.layer.Replica;
import batchnorm.layer.ShardedSteps;
import batchnorm.layer.Snapshots;
import batchnorm.management.BackupEndpoint;
import batchnorm.management.OperationMetrics;
import batchnorm.management.ShutdownLogger;
import batchnorm.management.StartupLogger;
import batchnorm.management.StoppedExit;
import batchnorm.management.StoreHealth;
import batchnorm.management.StoreMonitor;
import batchnorm.management.StoreReadiness;
import batchnorm.normalization.BatchNormalization;
import batchnorm.openinference.BodyLimits;
import batchnorm.openinference.TimingListener;
import batchnorm.settings.CollectiveSettings;
import batchnorm.settings.ContextSettings;
import batchnorm.settings.ShutdownSettings;
import batchnorm.settings.SnapshotSettings;
import batchnorm.settings.StorageSettings;
import batchnorm.startup.AotTrainingRun;
import batchnorm.web.server.DrainLifecycle;
import batchnorm.web.telemetry.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.handler.MappedInterceptor;

/// The entry point and the wiring of the service.
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class Main {

    public static void main(String[] arguments) throws IOException {
        if (AotTrainingRun.isRequested(arguments)) {
            AotTrainingRun.run(Main.class);
        } else {
            SpringApplication.run(Main.class, arguments);
        }
    }

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Bean
    Authenticator authenticator(
            AccessSettings settings, ServerProperties server, Environment environment) {
        return Authenticator.of(settings, listeningAddress(server, environment));
    }

    /// Returns the listening address; null for all addresses. A wider address of the actuator takes
    /// precedence.
    private static @Nullable InetAddress listeningAddress(
            ServerProperties server, Environment environment) {
        InetAddress own = environment.getProperty("management.server.address", InetAddress.class);
        return own == null || own.isLoopbackAddress() ? server.getAddress() : own;
    }

    @Bean
    CrossSitePolicy crossSitePolicy(
            AccessSettings settings,
            Authenticator authenticator,
            ServerProperties server,
            Environment environment) {
        return CrossSitePolicy.of(settings, authenticator, listeningAddress(server, environment));
    }

    @Bean
    AuditLog auditLog() {
        return new AuditLog();
    }

    @Bean
    AuthorizationInterceptor authorization(
            Authenticator authenticator,
            List<ScopeResolver> scopes,
            AuditLog audit,
            MeterRegistry registry) {
        return new AuthorizationInterceptor(authenticator, scopes, audit, registry);
    }

    @Bean
    FilterRegistrationBean<PrincipalFilter> healthPrincipal(Authenticator authenticator) {
        FilterRegistrationBean<PrincipalFilter> filter =
                new FilterRegistrationBean<>(new PrincipalFilter(authenticator));
        filter.addUrlPatterns("/actuator/health/*");
        return filter;
    }

    /// Applies to every handler mapping, including the actuator's.
    @Bean
    MappedInterceptor authorizationMapping(AuthorizationInterceptor authorization) {
        return new MappedInterceptor(null, authorization);
    }

    @Bean
    @ConditionalOnMissingBean // AotTrainingRun registers its own
    Kernel kernel() {
        return Kernel.fastest();
    }

    @Bean
    BatchNormalization operator(Kernel kernel) {
        return new BatchNormalization(kernel);
    }

    @Bean
    ParameterUpdates parameterUpdates(Layers layers, LayerStore store) {
        return new ParameterUpdates(layers, store);
    }

    @Bean
    Aggregations aggregations(Layers layers, LayerStore store) {
        return new Aggregations(layers, store);
    }

    @Bean
    Insights insights(BatchNormalization operator) {
        return new Insights(operator);
    }

    @Bean
    BodyLimits inferenceLimits(RequestLimits limits) {
        return new BodyLimits(
                limits.maxBodyBytes(),
                new Codec.Limits(limits.maxElements(), limits.maxDepth()),
                AdmissionFilter::cover,
                AdmissionFilter::add);
    }

    @Bean
    TimingListener inferenceTiming(Traces traces) {
        return traces::phases;
    }

    @Bean
    DrainLifecycle drainLifecycle(ShutdownSettings settings) {
        return new DrainLifecycle(settings.drain());
    }

    @Bean
    ShutdownLogger shutdownLogger(ShutdownSettings settings) {
        return new ShutdownLogger(settings.drain());
    }

    @Bean
    StartupLogger startupLogger(
            Kernel kernel, StorageSettings storage, Authenticator authenticator) {
        return new StartupLogger(kernel, storage, authenticator.requiresCredentials());
    }

    @Bean
    OperationMetrics operationMetrics(
            LayerStore store, StorageSettings storage, MeterRegistry registry) {
        OperationMetrics metrics = new OperationMetrics(store);
        metrics.register(
                registry,
                storage.isEmbedded() ? storage.dataDir() : null,
                Main.class.getPackage().getImplementationVersion());
        return metrics;
    }

    @Bean
    LayerStore store(StorageSettings settings, InstantSource clock) {
        return settings.open(clock);
    }

    @Bean
    StoreMonitor storeMonitor(
            @Qualifier("store") LayerStore store,
            StorageSettings settings,
            MeterRegistry registry) {
        return new StoreMonitor(store, new StoppedExit(settings.exitWhenStopped()), registry);
    }

    /// The store for requests, which releases their permits.
    @Bean
    @Primary
    PermitReleasingStore permitReleasingStore(StoreMonitor store) {
        return new PermitReleasingStore(store);
    }

    @Bean
    StoreHealth storeHealthIndicator(StoreMonitor store) {
        return new StoreHealth(store);
    }

    @Bean
    StoreReadiness storeReadinessHealthIndicator(StoreMonitor store) {
        return new StoreReadiness(store);
    }

    @Bean
    BackupEndpoint backup(
            @Qualifier("store") LayerStore store, StorageSettings storage, AuditLog audit) {
        return new BackupEndpoint(store, storage.backupTimeout(), audit);
    }

    @Bean
    Replica replica(LayerStore store, StorageSettings storage, ServerProperties server) {
        return new Replica(storage.replicaName(server.getPort()), store.secret());
    }

    @Bean
    ContextStore contexts(ContextSettings settings, InstantSource clock, Replica replica) {
        return new ContextStore(settings.budget(), settings.timeToLive(), clock, replica);
    }

    @Bean
    Layers layers(LayerStore store, ContextStore contexts, InstantSource clock) {
        return new Layers(store, contexts, clock);
    }

    @Bean
    ShardedSteps shardedSteps(
            Layers layers, LayerStore store, ContextStore contexts, BatchNormalization operator) {
        return new ShardedSteps(layers, store, contexts, operator);
    }

    @Bean
    CollectiveLimits collectiveLimits(CollectiveSettings settings) {
        return settings.limits();
    }

    @Bean
    SyncGroups syncGroups(
            Layers layers,
            ShardedSteps steps,
            ContextStore contexts,
            BatchNormalization operator,
            CollectiveLimits limits,
            InstantSource clock,
            Replica replica) {
        return new SyncGroups(layers, steps, contexts, operator, limits, clock, replica);
    }

    @Bean
    Accumulations accumulations(
            Layers layers,
            ShardedSteps steps,
            ContextStore contexts,
            CollectiveLimits limits,
            InstantSource clock,
            Replica replica) {
        return new Accumulations(layers, steps, contexts, limits, clock, replica);
    }

    @Bean
    Snapshots snapshots(SnapshotSettings settings, Layers layers, LayerStore store) {
        return new Snapshots(layers, store, settings.maxPerLayer());
    }

    @Bean
    Passes passes(
            Layers layers, LayerStore store, ContextStore contexts, BatchNormalization operator) {
        return new Passes(layers, store, contexts, operator);
    }
}
