/** The server's types, by name. They come from `schema.d.ts`, which is generated. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ProblemBody = Schemas["Problem"];

export type User = Schemas["User"];
export type SignedIn = Schemas["SignedIn"];
export type AuthState = Schemas["AuthState"];
export type MfaRequired = Schemas["MfaRequired"];
export type Role = User["role"];
export type UserDetail = Schemas["UserDetail"];
export type UserChange = Schemas["UserChange"];
export type NewUser = Schemas["NewUser"];
export type Invite = Schemas["Invite"];
export type NewInvite = Schemas["NewInvite"];
export type InviteStatus = Schemas["InviteStatus"];
export type UserSession = Schemas["UserSession"];
export type AuditEvent = Schemas["AuditEvent"];
export type LimitInForce = Schemas["LimitInForce"];
export type MfaState = Schemas["MfaState"];
export type Passkey = Schemas["Passkey"];
export type Ceremony = Schemas["Ceremony"];
export type PasskeyProof = Schemas["PasskeyProof"];
export type TotpSetup = Schemas["TotpSetup"];
export type Reauth = Schemas["Reauth"];
export type ApiToken = Schemas["ApiToken"];
export type NewApiToken = Schemas["NewApiToken"];
export type CreatedToken = Schemas["CreatedToken"];
export type Session = Schemas["Session"];
export type Scope = NewApiToken["scopes"][number];

export type Run = Schemas["Run"];
export type RunStatus = Schemas["RunStatus"];
export type RunPage = Schemas["RunPage"];
export type RunModel = Schemas["RunModel"];
export type RunKeys = Schemas["RunKeys"];
export type RunGroup = Schemas["RunGroup"];
export type GroupPage = Schemas["GroupPage"];
export type Spread = Schemas["Spread"];
export type Project = Schemas["Project"];
export type BulkAction = Schemas["BulkAction"];
export type BulkAnswer = Schemas["BulkAnswer"];
export type SavedView = Schemas["View"];
export type SavedViewChange = Schemas["ViewChange"];
export type RunChange = Schemas["RunChange"];
export type NewRun = Schemas["NewRun"];
export type TrainerInfo = Schemas["TrainerInfo"];
export type DatasetInfo = Schemas["DatasetInfo"];
export type MediaItem = Schemas["MediaItem"];
export type MediaKey = Schemas["MediaKey"];
export type HistogramAnswer = Schemas["HistogramAnswer"];
export type LoggedTable = Schemas["LoggedTable"];
export type Artifact = Schemas["Artifact"];
export type LogEntry = Schemas["LogEntry"];
export type LogPage = Schemas["LogPage"];
export type SeriesSummary = Schemas["SeriesSummary"];
export type SeriesQuery = Schemas["SeriesQuery"];
export type RunComparison = Schemas["RunComparison"];
export type ComparedRun = Schemas["ComparedRun"];
export type ComparedKey = Schemas["ComparedKey"];
export type Importance = Schemas["Importance"];
export type SeriesAnswer = Schemas["SeriesAnswer"];
export type SeriesColumns = Schemas["SeriesColumns"];
/** A metric's value: JSON has no NaN, so it travels as a word. */
export type MetricNumber = number | "NaN" | "Infinity" | "-Infinity";

export type TensorSpec = Schemas["TensorSpec"];
export type Signature = Schemas["Signature"];
export type Model = Schemas["Model"];
export type ModelPage = Schemas["ModelPage"];
export type ModelChange = Schemas["ModelChange"];
export type NewModel = Schemas["NewModel"];
export type ModelVersion = Schemas["ModelVersion"];
export type ModelHistory = Schemas["ModelHistory"];
export type ModelEvent = Schemas["ModelEvent"];
export type ModelWords = Schemas["ModelWords"];
export type Word = Schemas["Word"];
export type Lineage = Schemas["Lineage"];
export type Deployment = Schemas["Deployment"];
export type VersionComparison = Schemas["VersionComparison"];
export type VersionChange = Schemas["VersionChange"];
export type VersionPage = Schemas["VersionPage"];

export type Endpoint = Schemas["Endpoint"];
export type EndpointStatus = Schemas["EndpointStatus"];
export type EndpointConfig = Schemas["EndpointConfig"];
export type EndpointChange = Schemas["EndpointChange"];
export type NewEndpoint = Schemas["NewEndpoint"];
export type EndpointPage = Schemas["EndpointPage"];
export type ServingStats = Schemas["ServingStats"];
export type Deploy = Schemas["Deploy"];
export type Prediction = Schemas["Prediction"];
export type MetricsRow = Schemas["MetricsRow"];
export type ReplicaLogLine = Schemas["ReplicaLogLine"];

export type Stats = Schemas["Stats"];
