using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portal.Adapters.PortalDatabase.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "account_email_changes",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    new_email = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<Guid>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    old_confirmed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    new_confirmed_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_email_changes", x => x.account_id);
                });

            migrationBuilder.CreateTable(
                name: "account_recovery_codes",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_recovery_codes", x => new { x.account_id, x.hash });
                });

            migrationBuilder.CreateTable(
                name: "account_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    method = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    provider = table.Column<string>(type: "TEXT", nullable: true),
                    address = table.Column<string>(type: "TEXT", nullable: true),
                    user_agent = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_seen_at = table.Column<long>(type: "INTEGER", nullable: false),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_sessions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    is_operator = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    totp_secret = table.Column<string>(type: "TEXT", nullable: true),
                    totp_last_step = table.Column<long>(type: "INTEGER", nullable: false),
                    time_zone = table.Column<string>(type: "TEXT", nullable: true),
                    user_name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    normalized_user_name = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    normalized_email = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    email_confirmed = table.Column<bool>(type: "INTEGER", nullable: false),
                    password_hash = table.Column<string>(type: "TEXT", nullable: true),
                    security_stamp = table.Column<string>(type: "TEXT", nullable: true),
                    concurrency_stamp = table.Column<string>(type: "TEXT", nullable: true),
                    phone_number = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    phone_number_confirmed = table.Column<bool>(type: "INTEGER", nullable: false),
                    two_factor_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    lockout_end = table.Column<long>(type: "INTEGER", nullable: true),
                    lockout_enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    access_failed_count = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_accounts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_chains",
                columns: table => new
                {
                    chain = table.Column<Guid>(type: "TEXT", nullable: false),
                    sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    hash = table.Column<string>(type: "TEXT", nullable: false),
                    cut_sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    cut_hash = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_chains", x => x.chain);
                });

            migrationBuilder.CreateTable(
                name: "audit_rows",
                columns: table => new
                {
                    chain = table.Column<Guid>(type: "TEXT", nullable: false),
                    sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    on_behalf_of = table.Column<string>(type: "TEXT", nullable: true),
                    operation = table.Column<string>(type: "TEXT", nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    outcome = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    details = table.Column<string>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", nullable: true),
                    trace_id = table.Column<string>(type: "TEXT", nullable: true),
                    hash = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_rows", x => new { x.chain, x.sequence });
                });

            migrationBuilder.CreateTable(
                name: "cluster_differences",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_path = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    repairs = table.Column<bool>(type: "INTEGER", nullable: false),
                    found_at = table.Column<long>(type: "INTEGER", nullable: false),
                    last_seen_at = table.Column<long>(type: "INTEGER", nullable: false),
                    times_seen = table.Column<int>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cluster_differences", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "clusters",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    admin_urls = table.Column<string>(type: "TEXT", nullable: false),
                    broker_url = table.Column<string>(type: "TEXT", nullable: true),
                    web_socket_url = table.Column<string>(type: "TEXT", nullable: true),
                    region = table.Column<string>(type: "TEXT", nullable: true),
                    sealed_admin_token = table.Column<string>(type: "TEXT", nullable: true),
                    sealed_token_private_key = table.Column<string>(type: "TEXT", nullable: true),
                    is_stand_in = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_from_settings = table.Column<bool>(type: "INTEGER", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    allowed_connectors = table.Column<string>(type: "TEXT", nullable: true),
                    connector_terms_json = table.Column<string>(type: "TEXT", nullable: false),
                    package_isolation = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    package_platform = table.Column<string>(type: "TEXT", nullable: false),
                    package_finding = table.Column<string>(type: "TEXT", nullable: true),
                    accepted_warnings_json = table.Column<string>(type: "TEXT", nullable: false),
                    accepted_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_by = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_clusters", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    friendly_name = table.Column<string>(type: "TEXT", nullable: true),
                    xml = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "external_logins",
                columns: table => new
                {
                    link = table.Column<string>(type: "TEXT", nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    provider_name = table.Column<string>(type: "TEXT", nullable: false),
                    email = table.Column<string>(type: "TEXT", nullable: true),
                    linked_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_external_logins", x => new { x.link, x.subject });
                });

            migrationBuilder.CreateTable(
                name: "incidents",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: true),
                    title = table.Column<string>(type: "TEXT", nullable: false),
                    impact = table.Column<int>(type: "INTEGER", nullable: false),
                    is_public = table.Column<bool>(type: "INTEGER", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    planned_end_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incidents", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "kept_answers",
                columns: table => new
                {
                    key = table.Column<byte[]>(type: "BLOB", nullable: false),
                    body_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_answers", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "leases",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    holder = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_leases", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "mails",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    recipient = table.Column<string>(type: "TEXT", nullable: false),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    parts = table.Column<string>(type: "TEXT", nullable: false),
                    action_url = table.Column<string>(type: "TEXT", nullable: true),
                    action_text = table.Column<string>(type: "TEXT", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mails", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "notice_settings",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    read_to = table.Column<long>(type: "INTEGER", nullable: true),
                    invoice_by_email = table.Column<bool>(type: "INTEGER", nullable: false),
                    budget_by_email = table.Column<bool>(type: "INTEGER", nullable: false),
                    key_ending_by_email = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notice_settings", x => x.account_id);
                });

            migrationBuilder.CreateTable(
                name: "oidc_applications",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    secret_known_to = table.Column<Guid>(type: "TEXT", nullable: true),
                    application_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    client_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    client_secret = table.Column<string>(type: "TEXT", nullable: true),
                    client_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    consent_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    display_name = table.Column<string>(type: "TEXT", nullable: true),
                    display_names = table.Column<string>(type: "TEXT", nullable: true),
                    json_web_key_set = table.Column<string>(type: "TEXT", nullable: true),
                    permissions = table.Column<string>(type: "TEXT", nullable: true),
                    post_logout_redirect_uris = table.Column<string>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    redirect_uris = table.Column<string>(type: "TEXT", nullable: true),
                    requirements = table.Column<string>(type: "TEXT", nullable: true),
                    settings = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_applications", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "oidc_consents",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    client_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    scope_text = table.Column<string>(type: "TEXT", nullable: false),
                    granted_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_consents", x => new { x.account_id, x.client_id });
                });

            migrationBuilder.CreateTable(
                name: "oidc_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    use = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "BLOB", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    active_from = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "oidc_scopes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    description = table.Column<string>(type: "TEXT", nullable: true),
                    descriptions = table.Column<string>(type: "TEXT", nullable: true),
                    display_name = table.Column<string>(type: "TEXT", nullable: true),
                    display_names = table.Column<string>(type: "TEXT", nullable: true),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    resources = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_scopes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "organizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    slug = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    plan = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    awaiting_card_for = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    pay_by = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    stripe_customer_id = table.Column<string>(type: "TEXT", nullable: true),
                    carried_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    carried_currency_code = table.Column<string>(type: "TEXT", nullable: true),
                    sign_in_domain = table.Column<string>(type: "TEXT", nullable: true),
                    time_zone = table.Column<string>(type: "TEXT", nullable: true),
                    first_message_at = table.Column<long>(type: "INTEGER", nullable: true),
                    is_sample = table.Column<bool>(type: "INTEGER", nullable: false),
                    publishing = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    capped = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    arrears = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    suspended_for = table.Column<string>(type: "TEXT", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organizations", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "payment_events",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    object_id = table.Column<string>(type: "TEXT", nullable: true),
                    customer_id = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    received_at = table.Column<long>(type: "INTEGER", nullable: false),
                    body = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payment_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "plan_versions",
                columns: table => new
                {
                    plan = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    version = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    limits_document = table.Column<string>(type: "TEXT", nullable: false),
                    published_at = table.Column<long>(type: "INTEGER", nullable: false),
                    published_by = table.Column<string>(type: "TEXT", nullable: false),
                    note = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_plan_versions", x => new { x.plan, x.version });
                });

            migrationBuilder.CreateTable(
                name: "price_books",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    version = table.Column<string>(type: "TEXT", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    starts_at = table.Column<long>(type: "INTEGER", nullable: false),
                    published_at = table.Column<long>(type: "INTEGER", nullable: false),
                    published_by = table.Column<string>(type: "TEXT", nullable: false),
                    document = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_price_books", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "promotion_codes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    code = table.Column<string>(type: "TEXT", nullable: false),
                    percent_off = table.Column<int>(type: "INTEGER", nullable: true),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: true),
                    currency_code = table.Column<string>(type: "TEXT", nullable: true),
                    months = table.Column<int>(type: "INTEGER", nullable: true),
                    most_redemptions = table.Column<int>(type: "INTEGER", nullable: true),
                    redemptions = table.Column<int>(type: "INTEGER", nullable: false),
                    ends_at = table.Column<long>(type: "INTEGER", nullable: true),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    withdrawn_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_promotion_codes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "record_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    public_key = table.Column<byte[]>(type: "BLOB", nullable: false),
                    @sealed = table.Column<string>(name: "sealed", type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_record_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "stripe_tax_rates",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    stripe_id = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_stripe_tax_rates", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "tax_books",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    mode = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    seller_country = table.Column<string>(type: "TEXT", nullable: true),
                    when_unknown = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    rates_text = table.Column<string>(type: "TEXT", nullable: false),
                    starts_at = table.Column<long>(type: "INTEGER", nullable: false),
                    published_by = table.Column<string>(type: "TEXT", nullable: false),
                    published_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_books", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "view_as",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    operator_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    token_hash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_view_as", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "work_items",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    payload = table.Column<string>(type: "TEXT", nullable: false),
                    lane = table.Column<string>(type: "TEXT", nullable: false),
                    line = table.Column<string>(type: "TEXT", nullable: false),
                    owner = table.Column<Guid>(type: "TEXT", nullable: true),
                    subject = table.Column<string>(type: "TEXT", nullable: false),
                    priority = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    parent_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    is_job = table.Column<bool>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    wish = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    failures = table.Column<int>(type: "INTEGER", nullable: false),
                    failing_since = table.Column<long>(type: "INTEGER", nullable: true),
                    checkpoint = table.Column<string>(type: "TEXT", nullable: true),
                    done = table.Column<long>(type: "INTEGER", nullable: false),
                    total = table.Column<long>(type: "INTEGER", nullable: false),
                    unit = table.Column<string>(type: "TEXT", nullable: true),
                    note = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    cause = table.Column<string>(type: "TEXT", nullable: true),
                    trace_id = table.Column<string>(type: "TEXT", nullable: true),
                    trace_parent = table.Column<string>(type: "TEXT", nullable: true),
                    needs_person = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    not_before = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_work_items", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "account_claims",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    claim_type = table.Column<string>(type: "TEXT", nullable: true),
                    claim_value = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_claims", x => x.id);
                    table.ForeignKey(
                        name: "fk_account_claims_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "account_logins",
                columns: table => new
                {
                    login_provider = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    provider_key = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    provider_display_name = table.Column<string>(type: "TEXT", nullable: true),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_logins", x => new { x.login_provider, x.provider_key });
                    table.ForeignKey(
                        name: "fk_account_logins_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "account_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "BLOB", maxLength: 1024, nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    asked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    Data = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_passkeys", x => x.credential_id);
                    table.ForeignKey(
                        name: "fk_account_passkeys_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "account_tokens",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    login_provider = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_account_tokens", x => new { x.user_id, x.login_provider, x.name });
                    table.ForeignKey(
                        name: "fk_account_tokens_accounts_user_id",
                        column: x => x.user_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "incident_updates",
                columns: table => new
                {
                    incident_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    stage = table.Column<int>(type: "INTEGER", nullable: false),
                    text = table.Column<string>(type: "TEXT", nullable: false),
                    posted_by = table.Column<string>(type: "TEXT", nullable: false),
                    posted_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_incident_updates", x => new { x.incident_id, x.number });
                    table.ForeignKey(
                        name: "fk_incident_updates_incidents_incident_id",
                        column: x => x.incident_id,
                        principalTable: "incidents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "oidc_authorizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    application_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    scopes = table.Column<string>(type: "TEXT", nullable: true),
                    status = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_authorizations", x => x.id);
                    table.ForeignKey(
                        name: "fk_oidc_authorizations_oidc_applications_application_id",
                        column: x => x.application_id,
                        principalTable: "oidc_applications",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ending = table.Column<string>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    role = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    tenant = table.Column<string>(type: "TEXT", nullable: true),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: true),
                    created_by_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ends_made = table.Column<bool>(type: "INTEGER", nullable: false),
                    last_used_at = table.Column<long>(type: "INTEGER", nullable: true),
                    last_used_from = table.Column<string>(type: "TEXT", nullable: true),
                    replaced_by = table.Column<Guid>(type: "TEXT", nullable: true),
                    warned_days = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                    table.ForeignKey(
                        name: "fk_api_keys_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "budgets",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    alert_percents = table.Column<string>(type: "TEXT", nullable: false),
                    alerts_on_forecast = table.Column<bool>(type: "INTEGER", nullable: false),
                    slows_at_percent = table.Column<int>(type: "INTEGER", nullable: true),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_by = table.Column<string>(type: "TEXT", nullable: false),
                    told_month = table.Column<string>(type: "TEXT", nullable: false),
                    told_percent = table.Column<int>(type: "INTEGER", nullable: false),
                    told_forecast = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_budgets", x => x.organization_id);
                    table.ForeignKey(
                        name: "fk_budgets_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "closed_periods",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    month_text = table.Column<string>(type: "TEXT", nullable: false),
                    to = table.Column<long>(type: "INTEGER", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    discount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    closed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_closed_periods", x => new { x.organization_id, x.from });
                    table.ForeignKey(
                        name: "fk_closed_periods_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "copy_settings",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    bytes_per_second = table.Column<long>(type: "INTEGER", nullable: true),
                    messages_per_second = table.Column<int>(type: "INTEGER", nullable: true),
                    tombstones = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    too_large = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    one_key_per_entry = table.Column<bool>(type: "INTEGER", nullable: false),
                    compress = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copy_settings", x => x.migration_id);
                    table.ForeignKey(
                        name: "fk_copy_settings_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "credits",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    granted_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    left_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    granted_by = table.Column<string>(type: "TEXT", nullable: false),
                    granted_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credits", x => x.id);
                    table.ForeignKey(
                        name: "fk_credits_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "dunning_cases",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    reminded_day = table.Column<int>(type: "INTEGER", nullable: false),
                    extended_until = table.Column<long>(type: "INTEGER", nullable: true),
                    is_off = table.Column<bool>(type: "INTEGER", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: true),
                    decided_by = table.Column<string>(type: "TEXT", nullable: true),
                    decided_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_dunning_cases", x => x.organization_id);
                    table.ForeignKey(
                        name: "fk_dunning_cases_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invitations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    email = table.Column<string>(type: "TEXT", nullable: false),
                    email_key = table.Column<string>(type: "TEXT", nullable: false),
                    role = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: true),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: true),
                    token_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    invited_by_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    invited_by = table.Column<string>(type: "TEXT", nullable: false),
                    made_with = table.Column<Guid>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    sent_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false),
                    sent_in_day = table.Column<int>(type: "INTEGER", nullable: false),
                    counted_from = table.Column<long>(type: "INTEGER", nullable: false),
                    accepted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    revoked_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invitations", x => x.id);
                    table.ForeignKey(
                        name: "fk_invitations_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invoices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    number = table.Column<string>(type: "TEXT", nullable: false),
                    month_text = table.Column<string>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    to = table.Column<long>(type: "INTEGER", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    pay_by = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    stage = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    tax_state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    tax_note = table.Column<string>(type: "TEXT", nullable: true),
                    tax_by_stripe = table.Column<bool>(type: "INTEGER", nullable: false),
                    carried_in_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    total_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    amount_paid_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    credited_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    credited_open_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    credited_outside_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    refunded_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    stripe_invoice_id = table.Column<string>(type: "TEXT", nullable: true),
                    hosted_url = table.Column<string>(type: "TEXT", nullable: true),
                    pdf_url = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    tried_card = table.Column<string>(type: "TEXT", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    finalized_at = table.Column<long>(type: "INTEGER", nullable: true),
                    paid_at = table.Column<long>(type: "INTEGER", nullable: true),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoices", x => x.id);
                    table.ForeignKey(
                        name: "fk_invoices_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "kafka_migrations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    bootstrap_servers = table.Column<string>(type: "TEXT", nullable: false),
                    security = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    user_name = table.Column<string>(type: "TEXT", nullable: true),
                    sealed_connection = table.Column<string>(type: "TEXT", nullable: true),
                    kafka_cluster_id = table.Column<string>(type: "TEXT", nullable: true),
                    brokers = table.Column<int>(type: "INTEGER", nullable: false),
                    stage = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    connected_at = table.Column<long>(type: "INTEGER", nullable: false),
                    looked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    looked_whole_at = table.Column<long>(type: "INTEGER", nullable: true),
                    phase = table.Column<string>(type: "TEXT", nullable: true),
                    done = table.Column<long>(type: "INTEGER", nullable: false),
                    total = table.Column<long>(type: "INTEGER", nullable: false),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    rules_json = table.Column<string>(type: "TEXT", nullable: false),
                    rules_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    mapped_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    acls_json = table.Column<string>(type: "TEXT", nullable: true),
                    cut_over = table.Column<int>(type: "INTEGER", nullable: false),
                    cut_over_by = table.Column<string>(type: "TEXT", nullable: true),
                    cut_over_at = table.Column<long>(type: "INTEGER", nullable: true),
                    cut_over_done_at = table.Column<long>(type: "INTEGER", nullable: true),
                    cut_over_problem = table.Column<string>(type: "TEXT", nullable: true),
                    cut_over_open = table.Column<string>(type: "TEXT", nullable: false),
                    finished_at = table.Column<long>(type: "INTEGER", nullable: true),
                    finished_by = table.Column<string>(type: "TEXT", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: "")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kafka_migrations", x => x.id);
                    table.ForeignKey(
                        name: "fk_kafka_migrations_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "memberships",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    role = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: true),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: true),
                    since = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_memberships", x => new { x.organization_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_memberships_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    cluster = table.Column<string>(type: "TEXT", nullable: true),
                    needs = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    tenant = table.Column<string>(type: "TEXT", nullable: true),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: true),
                    title = table.Column<string>(type: "TEXT", nullable: false),
                    detail = table.Column<string>(type: "TEXT", nullable: false),
                    path = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notices", x => x.id);
                    table.ForeignKey(
                        name: "fk_notices_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "operator_notes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    text = table.Column<string>(type: "TEXT", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_operator_notes", x => x.id);
                    table.ForeignKey(
                        name: "fk_operator_notes_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "organization_limits",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    revision = table.Column<int>(type: "INTEGER", nullable: false),
                    limits_document = table.Column<string>(type: "TEXT", nullable: false),
                    note = table.Column<string>(type: "TEXT", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_by = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_limits", x => x.organization_id);
                    table.ForeignKey(
                        name: "fk_organization_limits_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "organization_sign_ins",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    issuer = table.Column<string>(type: "TEXT", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", nullable: false),
                    sealed_secret = table.Column<string>(type: "TEXT", nullable: true),
                    domain = table.Column<string>(type: "TEXT", nullable: false),
                    domain_token = table.Column<string>(type: "TEXT", nullable: false),
                    domain_proven_at = table.Column<long>(type: "INTEGER", nullable: true),
                    default_role = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    owner_came_at = table.Column<long>(type: "INTEGER", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_organization_sign_ins", x => x.organization_id);
                    table.ForeignKey(
                        name: "fk_organization_sign_ins_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "plan_periods",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    plan = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    suspended = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_plan_periods", x => x.sequence);
                    table.ForeignKey(
                        name: "fk_plan_periods_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "removed_members",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_removed_members", x => new { x.organization_id, x.account_id });
                    table.ForeignKey(
                        name: "fk_removed_members_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tax_ids",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    value = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    verification = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    verified_name = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_ids", x => x.id);
                    table.ForeignKey(
                        name: "fk_tax_ids_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tax_profiles",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    line1 = table.Column<string>(type: "TEXT", nullable: true),
                    line2 = table.Column<string>(type: "TEXT", nullable: true),
                    city = table.Column<string>(type: "TEXT", nullable: true),
                    postal_code = table.Column<string>(type: "TEXT", nullable: true),
                    state = table.Column<string>(type: "TEXT", nullable: true),
                    country = table.Column<string>(type: "TEXT", nullable: true),
                    exemption = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: true),
                    decided_by = table.Column<string>(type: "TEXT", nullable: true),
                    decided_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tax_profiles", x => x.organization_id);
                    table.ForeignKey(
                        name: "fk_tax_profiles_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tenant_names",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tenant_names", x => x.key);
                    table.ForeignKey(
                        name: "fk_tenant_names_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "tenants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_tenants", x => x.id);
                    table.ForeignKey(
                        name: "fk_tenants_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "oidc_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    application_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    authorization_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    expiration_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    payload = table.Column<string>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    redemption_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    reference_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    status = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "TEXT", maxLength: 150, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_oidc_tokens", x => x.id);
                    table.ForeignKey(
                        name: "fk_oidc_tokens_oidc_applications_application_id",
                        column: x => x.application_id,
                        principalTable: "oidc_applications",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "fk_oidc_tokens_oidc_authorizations_authorization_id",
                        column: x => x.authorization_id,
                        principalTable: "oidc_authorizations",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "credit_entries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    credit_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    move = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    invoice_number = table.Column<string>(type: "TEXT", nullable: true),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_entries", x => x.id);
                    table.ForeignKey(
                        name: "fk_credit_entries_credits_credit_id",
                        column: x => x.credit_id,
                        principalTable: "credits",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_credit_entries_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "promotion_redemptions",
                columns: table => new
                {
                    promotion_code_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    code = table.Column<string>(type: "TEXT", nullable: false),
                    percent_off = table.Column<int>(type: "INTEGER", nullable: true),
                    from_month = table.Column<string>(type: "TEXT", nullable: true),
                    to_month = table.Column<string>(type: "TEXT", nullable: true),
                    credit_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    redeemed_by = table.Column<string>(type: "TEXT", nullable: false),
                    redeemed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_promotion_redemptions", x => new { x.organization_id, x.promotion_code_id });
                    table.ForeignKey(
                        name: "fk_promotion_redemptions_credits_credit_id",
                        column: x => x.credit_id,
                        principalTable: "credits",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "fk_promotion_redemptions_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_promotion_redemptions_promotion_codes_promotion_code_id",
                        column: x => x.promotion_code_id,
                        principalTable: "promotion_codes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "credit_notes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    invoice_number = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<string>(type: "TEXT", nullable: true),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    tax_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    open_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    refund_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    outside_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    stripe_balance_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    refund_state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    way = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    stripe_credit_note_id = table.Column<string>(type: "TEXT", nullable: true),
                    pdf_url = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    issued_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_notes", x => x.id);
                    table.ForeignKey(
                        name: "fk_credit_notes_invoices_invoice_id",
                        column: x => x.invoice_id,
                        principalTable: "invoices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_credit_notes_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invoice_adjustments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    credit_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    stripe_item_id = table.Column<string>(type: "TEXT", nullable: true),
                    position = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_adjustments", x => x.id);
                    table.ForeignKey(
                        name: "fk_invoice_adjustments_credits_credit_id",
                        column: x => x.credit_id,
                        principalTable: "credits",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "fk_invoice_adjustments_invoices_invoice_id",
                        column: x => x.invoice_id,
                        principalTable: "invoices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invoice_lines",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    meter = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    price_book_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: false),
                    to = table.Column<long>(type: "INTEGER", nullable: false),
                    quantity = table.Column<decimal>(type: "TEXT", nullable: false),
                    exact_amount = table.Column<decimal>(type: "TEXT", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    explanation = table.Column<string>(type: "TEXT", nullable: false),
                    stripe_item_id = table.Column<string>(type: "TEXT", nullable: true),
                    position = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_lines", x => x.id);
                    table.ForeignKey(
                        name: "fk_invoice_lines_invoices_invoice_id",
                        column: x => x.invoice_id,
                        principalTable: "invoices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invoice_taxes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    country = table.Column<string>(type: "TEXT", nullable: true),
                    state = table.Column<string>(type: "TEXT", nullable: true),
                    percent = table.Column<decimal>(type: "TEXT", nullable: false),
                    is_inclusive = table.Column<bool>(type: "INTEGER", nullable: false),
                    base_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    stripe_rate_id = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_taxes", x => x.id);
                    table.ForeignKey(
                        name: "fk_invoice_taxes_invoices_invoice_id",
                        column: x => x.invoice_id,
                        principalTable: "invoices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "migration_groups",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", nullable: false),
                    members = table.Column<int>(type: "INTEGER", nullable: false),
                    lag = table.Column<long>(type: "INTEGER", nullable: true),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    is_moving = table.Column<bool>(type: "INTEGER", nullable: true),
                    last_activity_at = table.Column<long>(type: "INTEGER", nullable: true),
                    topic_names = table.Column<string>(type: "TEXT", nullable: false),
                    topic_count = table.Column<int>(type: "INTEGER", nullable: false),
                    problem = table.Column<string>(type: "TEXT", nullable: true),
                    seen_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_migration_groups", x => new { x.migration_id, x.name });
                    table.ForeignKey(
                        name: "fk_migration_groups_kafka_migrations_migration_id",
                        column: x => x.migration_id,
                        principalTable: "kafka_migrations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "migration_records",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    document = table.Column<string>(type: "TEXT", nullable: false),
                    signed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_migration_records", x => x.migration_id);
                    table.ForeignKey(
                        name: "fk_migration_records_kafka_migrations_migration_id",
                        column: x => x.migration_id,
                        principalTable: "kafka_migrations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_migration_records_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "migration_topics",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    facts_json = table.Column<string>(type: "TEXT", nullable: true),
                    partitions = table.Column<int>(type: "INTEGER", nullable: false),
                    messages = table.Column<long>(type: "INTEGER", nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: true),
                    messages_per_second = table.Column<double>(type: "REAL", nullable: true),
                    readers = table.Column<int>(type: "INTEGER", nullable: false),
                    is_internal = table.Column<bool>(type: "INTEGER", nullable: false),
                    ends = table.Column<long>(type: "INTEGER", nullable: false),
                    seen_at = table.Column<long>(type: "INTEGER", nullable: true),
                    is_unused = table.Column<bool>(type: "INTEGER", nullable: false),
                    source = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    stays = table.Column<string>(type: "TEXT", maxLength: 40, nullable: true),
                    target_tenant = table.Column<string>(type: "TEXT", nullable: true),
                    target_namespace = table.Column<string>(type: "TEXT", nullable: true),
                    target_name = table.Column<string>(type: "TEXT", nullable: true),
                    target_path = table.Column<string>(type: "TEXT", nullable: true),
                    is_alike = table.Column<bool>(type: "INTEGER", nullable: false),
                    is_blocked = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_migration_topics", x => new { x.migration_id, x.name });
                    table.ForeignKey(
                        name: "fk_migration_topics_kafka_migrations_migration_id",
                        column: x => x.migration_id,
                        principalTable: "kafka_migrations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "moved_groups",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    subscription = table.Column<string>(type: "TEXT", nullable: false),
                    start = table.Column<int>(type: "INTEGER", nullable: false),
                    further_topics = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    wanted_at = table.Column<long>(type: "INTEGER", nullable: false),
                    positioned_at = table.Column<long>(type: "INTEGER", nullable: true),
                    kafka_state = table.Column<string>(type: "TEXT", nullable: true),
                    members = table.Column<int>(type: "INTEGER", nullable: false),
                    committed = table.Column<long>(type: "INTEGER", nullable: false),
                    committed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    looked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    consumers = table.Column<int>(type: "INTEGER", nullable: false),
                    connected_at = table.Column<long>(type: "INTEGER", nullable: true),
                    acknowledged_at = table.Column<long>(type: "INTEGER", nullable: true),
                    confirmed_by = table.Column<string>(type: "TEXT", nullable: true),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    confirmed_note = table.Column<string>(type: "TEXT", nullable: true),
                    back = table.Column<int>(type: "INTEGER", nullable: false),
                    back_problem = table.Column<string>(type: "TEXT", nullable: true),
                    back_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_moved_groups", x => new { x.migration_id, x.name });
                    table.ForeignKey(
                        name: "fk_moved_groups_kafka_migrations_migration_id",
                        column: x => x.migration_id,
                        principalTable: "kafka_migrations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_moved_groups_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "moved_producers",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    topic = table.Column<string>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    end = table.Column<long>(type: "INTEGER", nullable: false),
                    first_looked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    looked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    grew_at = table.Column<long>(type: "INTEGER", nullable: true),
                    producers = table.Column<int>(type: "INTEGER", nullable: false),
                    connected_at = table.Column<long>(type: "INTEGER", nullable: true),
                    confirmed_by = table.Column<string>(type: "TEXT", nullable: true),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    confirmed_note = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_moved_producers", x => new { x.migration_id, x.topic });
                    table.ForeignKey(
                        name: "fk_moved_producers_kafka_migrations_migration_id",
                        column: x => x.migration_id,
                        principalTable: "kafka_migrations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_moved_producers_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "notice_mutes",
                columns: table => new
                {
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notice_mutes", x => new { x.organization_id, x.account_id, x.kind });
                    table.ForeignKey(
                        name: "fk_notice_mutes_memberships_organization_id_account_id",
                        columns: x => new { x.organization_id, x.account_id },
                        principalTable: "memberships",
                        principalColumns: new[] { "organization_id", "account_id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "notice_reads",
                columns: table => new
                {
                    account_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    notice_id = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notice_reads", x => new { x.account_id, x.notice_id });
                    table.ForeignKey(
                        name: "fk_notice_reads_notices_notice_id",
                        column: x => x.notice_id,
                        principalTable: "notices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "namespaces",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    wishes = table.Column<string>(type: "TEXT", nullable: false),
                    policies_last_set = table.Column<string>(type: "TEXT", nullable: true),
                    masking = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_namespaces", x => x.id);
                    table.ForeignKey(
                        name: "fk_namespaces_tenants_tenant_id",
                        column: x => x.tenant_id,
                        principalTable: "tenants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "credit_note_lines",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    credit_note_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    invoice_line = table.Column<Guid>(type: "TEXT", nullable: true),
                    description = table.Column<string>(type: "TEXT", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_credit_note_lines", x => x.id);
                    table.ForeignKey(
                        name: "fk_credit_note_lines_credit_notes_credit_note_id",
                        column: x => x.credit_note_id,
                        principalTable: "credit_notes",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invoice_refunds",
                columns: table => new
                {
                    stripe_refund_id = table.Column<string>(type: "TEXT", nullable: false),
                    invoice_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    currency_code = table.Column<string>(type: "TEXT", nullable: false),
                    amount_minor = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    credit_note_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invoice_refunds", x => x.stripe_refund_id);
                    table.ForeignKey(
                        name: "fk_invoice_refunds_credit_notes_credit_note_id",
                        column: x => x.credit_note_id,
                        principalTable: "credit_notes",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "fk_invoice_refunds_invoices_invoice_id",
                        column: x => x.invoice_id,
                        principalTable: "invoices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_invoice_refunds_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "connectors",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    namespace_name = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    path = table.Column<string>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    type = table.Column<string>(type: "TEXT", nullable: false),
                    topic_names = table.Column<string>(type: "TEXT", nullable: false),
                    output = table.Column<string>(type: "TEXT", nullable: true),
                    subscription = table.Column<string>(type: "TEXT", nullable: true),
                    from_earliest = table.Column<bool>(type: "INTEGER", nullable: false),
                    start_at = table.Column<long>(type: "INTEGER", nullable: true),
                    max_retries = table.Column<int>(type: "INTEGER", nullable: true),
                    dead_letter_topic = table.Column<string>(type: "TEXT", nullable: true),
                    package_text = table.Column<string>(type: "TEXT", nullable: true),
                    guarantee = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    instances = table.Column<int>(type: "INTEGER", nullable: false),
                    configuration = table.Column<string>(type: "TEXT", nullable: false),
                    sealed_secrets = table.Column<string>(type: "TEXT", nullable: true),
                    secret_field_names = table.Column<string>(type: "TEXT", nullable: false),
                    wish = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    revision = table.Column<int>(type: "INTEGER", nullable: false),
                    applied_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    terms_revision = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    trouble = table.Column<string>(type: "TEXT", nullable: true),
                    trouble_since = table.Column<long>(type: "INTEGER", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: ""),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_connectors", x => x.id);
                    table.ForeignKey(
                        name: "fk_connectors_namespaces_namespace_id",
                        column: x => x.namespace_id,
                        principalTable: "namespaces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "function_packages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    namespace_name = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<string>(type: "TEXT", nullable: false),
                    path = table.Column<string>(type: "TEXT", nullable: false),
                    runtime = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    class_names = table.Column<string>(type: "TEXT", nullable: false),
                    platform = table.Column<string>(type: "TEXT", nullable: true),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    sha256 = table.Column<string>(type: "TEXT", nullable: false),
                    note = table.Column<string>(type: "TEXT", nullable: false),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: ""),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_function_packages", x => x.id);
                    table.ForeignKey(
                        name: "fk_function_packages_namespaces_namespace_id",
                        column: x => x.namespace_id,
                        principalTable: "namespaces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "pulsar_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    namespace_name = table.Column<string>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    permissions = table.Column<int>(type: "INTEGER", nullable: false),
                    all_topics = table.Column<bool>(type: "INTEGER", nullable: false),
                    patterns = table.Column<bool>(type: "INTEGER", nullable: false),
                    patterns_granted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: true),
                    last_used_at = table.Column<long>(type: "INTEGER", nullable: true),
                    created_by_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    created_by = table.Column<string>(type: "TEXT", nullable: false),
                    made_with = table.Column<Guid>(type: "TEXT", nullable: true),
                    replaced_by = table.Column<Guid>(type: "TEXT", nullable: true),
                    warned_days = table.Column<int>(type: "INTEGER", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: ""),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pulsar_keys", x => x.id);
                    table.ForeignKey(
                        name: "fk_pulsar_keys_namespaces_namespace_id",
                        column: x => x.namespace_id,
                        principalTable: "namespaces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "topics",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    namespace_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    tenant_name = table.Column<string>(type: "TEXT", nullable: false),
                    namespace_name = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", nullable: false),
                    persistent = table.Column<bool>(type: "INTEGER", nullable: false),
                    partitions = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    starts_with = table.Column<string>(type: "TEXT", nullable: true),
                    beside = table.Column<string>(type: "TEXT", nullable: true),
                    delete_requested_at = table.Column<long>(type: "INTEGER", nullable: true),
                    search_text = table.Column<string>(type: "TEXT", nullable: true, defaultValue: ""),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    ready_at = table.Column<long>(type: "INTEGER", nullable: true),
                    deleted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_topics", x => x.id);
                    table.ForeignKey(
                        name: "fk_topics_namespaces_namespace_id",
                        column: x => x.namespace_id,
                        principalTable: "namespaces",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "connector_runs",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    connector_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    instances = table.Column<int>(type: "INTEGER", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_connector_runs", x => x.sequence);
                    table.ForeignKey(
                        name: "fk_connector_runs_connectors_connector_id",
                        column: x => x.connector_id,
                        principalTable: "connectors",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "copied_partitions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    topic_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    cluster = table.Column<string>(type: "TEXT", nullable: false),
                    address = table.Column<string>(type: "TEXT", nullable: false),
                    source_topic = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    wish = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    first_offset = table.Column<long>(type: "INTEGER", nullable: true),
                    began_ledger = table.Column<long>(type: "INTEGER", nullable: true),
                    began_entry = table.Column<long>(type: "INTEGER", nullable: true),
                    next_offset = table.Column<long>(type: "INTEGER", nullable: false),
                    sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    ledger = table.Column<long>(type: "INTEGER", nullable: false),
                    entry = table.Column<long>(type: "INTEGER", nullable: false),
                    messages = table.Column<long>(type: "INTEGER", nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    skipped = table.Column<long>(type: "INTEGER", nullable: false),
                    source_end = table.Column<long>(type: "INTEGER", nullable: false),
                    last_timestamp = table.Column<long>(type: "INTEGER", nullable: false),
                    messages_per_second = table.Column<double>(type: "REAL", nullable: true),
                    bytes_per_second = table.Column<double>(type: "REAL", nullable: true),
                    measured_at = table.Column<long>(type: "INTEGER", nullable: true),
                    measured_messages = table.Column<long>(type: "INTEGER", nullable: false),
                    measured_bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    problem_code = table.Column<string>(type: "TEXT", nullable: true),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    remark_json = table.Column<string>(type: "TEXT", nullable: false),
                    mark_json = table.Column<string>(type: "TEXT", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    changed_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_copied_partitions", x => x.id);
                    table.ForeignKey(
                        name: "fk_copied_partitions_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_copied_partitions_topics_topic_id",
                        column: x => x.topic_id,
                        principalTable: "topics",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "key_grants",
                columns: table => new
                {
                    key_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    topic_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    granted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_key_grants", x => new { x.key_id, x.topic_id });
                    table.ForeignKey(
                        name: "fk_key_grants_pulsar_keys_key_id",
                        column: x => x.key_id,
                        principalTable: "pulsar_keys",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_key_grants_topics_topic_id",
                        column: x => x.topic_id,
                        principalTable: "topics",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "back_partitions",
                columns: table => new
                {
                    partition_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    source_topic = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    ledger = table.Column<long>(type: "INTEGER", nullable: true),
                    entry = table.Column<long>(type: "INTEGER", nullable: true),
                    kafka_end = table.Column<long>(type: "INTEGER", nullable: true),
                    messages = table.Column<long>(type: "INTEGER", nullable: false),
                    bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    leaves_out = table.Column<bool>(type: "INTEGER", nullable: false),
                    left_out = table.Column<long>(type: "INTEGER", nullable: false),
                    left_out_at = table.Column<string>(type: "TEXT", nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_back_partitions", x => x.partition_id);
                    table.ForeignKey(
                        name: "fk_back_partitions_copied_partitions_partition_id",
                        column: x => x.partition_id,
                        principalTable: "copied_partitions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_back_partitions_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "group_positions",
                columns: table => new
                {
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    group_name = table.Column<string>(type: "TEXT", nullable: false),
                    partition_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    source_topic = table.Column<string>(type: "TEXT", nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    committed = table.Column<long>(type: "INTEGER", nullable: true),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    ledger = table.Column<long>(type: "INTEGER", nullable: true),
                    entry = table.Column<long>(type: "INTEGER", nullable: true),
                    batch = table.Column<int>(type: "INTEGER", nullable: false),
                    is_after = table.Column<bool>(type: "INTEGER", nullable: false),
                    rereads = table.Column<long>(type: "INTEGER", nullable: false),
                    set_at = table.Column<long>(type: "INTEGER", nullable: false),
                    back_offset = table.Column<long>(type: "INTEGER", nullable: true),
                    back_is_exact = table.Column<bool>(type: "INTEGER", nullable: false),
                    back_rereads = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_group_positions", x => new { x.migration_id, x.group_name, x.partition_id });
                    table.ForeignKey(
                        name: "fk_group_positions_copied_partitions_partition_id",
                        column: x => x.partition_id,
                        principalTable: "copied_partitions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "partition_proofs",
                columns: table => new
                {
                    partition_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    migration_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    organization_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    from_offset = table.Column<long>(type: "INTEGER", nullable: false),
                    until_offset = table.Column<long>(type: "INTEGER", nullable: false),
                    source_count = table.Column<long>(type: "INTEGER", nullable: false),
                    target_count = table.Column<long>(type: "INTEGER", nullable: false),
                    foreign_count = table.Column<long>(type: "INTEGER", nullable: false),
                    differences = table.Column<long>(type: "INTEGER", nullable: false),
                    is_sampled = table.Column<bool>(type: "INTEGER", nullable: false),
                    source_hash = table.Column<string>(type: "TEXT", nullable: false),
                    target_hash = table.Column<string>(type: "TEXT", nullable: false),
                    notes = table.Column<string>(type: "TEXT", nullable: false),
                    listed_json = table.Column<string>(type: "TEXT", nullable: false),
                    problem_message = table.Column<string>(type: "TEXT", nullable: true),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_partition_proofs", x => x.partition_id);
                    table.ForeignKey(
                        name: "fk_partition_proofs_copied_partitions_partition_id",
                        column: x => x.partition_id,
                        principalTable: "copied_partitions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_partition_proofs_organizations_organization_id",
                        column: x => x.organization_id,
                        principalTable: "organizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_account_claims_user_id",
                table: "account_claims",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_logins_user_id",
                table: "account_logins",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_passkeys_user_id",
                table: "account_passkeys",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_account_sessions_account_id_created_at",
                table: "account_sessions",
                columns: new[] { "account_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "email_index",
                table: "accounts",
                column: "normalized_email");

            migrationBuilder.CreateIndex(
                name: "user_name_index",
                table: "accounts",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_account_id_created_at",
                table: "api_keys",
                columns: new[] { "account_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_expires_at",
                table: "api_keys",
                column: "expires_at",
                filter: "revoked_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_hash",
                table: "api_keys",
                column: "hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_organization_id_created_at",
                table: "api_keys",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_rows_chain_at",
                table: "audit_rows",
                columns: new[] { "chain", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_rows_id",
                table: "audit_rows",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_back_partitions_migration_id_source_topic",
                table: "back_partitions",
                columns: new[] { "migration_id", "source_topic" });

            migrationBuilder.CreateIndex(
                name: "ix_back_partitions_organization_id",
                table: "back_partitions",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_cluster_differences_namespace_id_kind_subject",
                table: "cluster_differences",
                columns: new[] { "namespace_id", "kind", "subject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_connector_runs_connector_id",
                table: "connector_runs",
                column: "connector_id",
                unique: true,
                filter: "until IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_connector_runs_organization_id_since",
                table: "connector_runs",
                columns: new[] { "organization_id", "since" });

            migrationBuilder.CreateIndex(
                name: "ix_connectors_cluster_id",
                table: "connectors",
                columns: new[] { "cluster", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_connectors_namespace_id_name",
                table: "connectors",
                columns: new[] { "namespace_id", "name" },
                unique: true,
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_connectors_organization_id",
                table: "connectors",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_connectors_tenant_id_path",
                table: "connectors",
                columns: new[] { "tenant_id", "path" });

            migrationBuilder.CreateIndex(
                name: "ix_copied_partitions_migration_id_source_topic_number",
                table: "copied_partitions",
                columns: new[] { "migration_id", "source_topic", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_copied_partitions_organization_id",
                table: "copied_partitions",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_copied_partitions_topic_id",
                table: "copied_partitions",
                column: "topic_id");

            migrationBuilder.CreateIndex(
                name: "ix_copy_settings_organization_id",
                table: "copy_settings",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_credit_entries_credit_id",
                table: "credit_entries",
                column: "credit_id");

            migrationBuilder.CreateIndex(
                name: "ix_credit_entries_organization_id_at",
                table: "credit_entries",
                columns: new[] { "organization_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_note_lines_credit_note_id",
                table: "credit_note_lines",
                column: "credit_note_id");

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_created_at",
                table: "credit_notes",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_invoice_id",
                table: "credit_notes",
                column: "invoice_id");

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_organization_id_number",
                table: "credit_notes",
                columns: new[] { "organization_id", "number" });

            migrationBuilder.CreateIndex(
                name: "ix_credit_notes_stripe_credit_note_id",
                table: "credit_notes",
                column: "stripe_credit_note_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_credits_open",
                table: "credits",
                column: "organization_id",
                filter: "left_minor > 0");

            migrationBuilder.CreateIndex(
                name: "ix_credits_organization_id_granted_at",
                table: "credits",
                columns: new[] { "organization_id", "granted_at" });

            migrationBuilder.CreateIndex(
                name: "ix_external_logins_account_id",
                table: "external_logins",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_function_packages_namespace_id_name_version",
                table: "function_packages",
                columns: new[] { "namespace_id", "name", "version" },
                unique: true,
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_function_packages_organization_id",
                table: "function_packages",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_function_packages_tenant_id_path",
                table: "function_packages",
                columns: new[] { "tenant_id", "path" });

            migrationBuilder.CreateIndex(
                name: "ix_group_positions_partition_id",
                table: "group_positions",
                column: "partition_id");

            migrationBuilder.CreateIndex(
                name: "ix_incidents_started_at",
                table: "incidents",
                column: "started_at");

            migrationBuilder.CreateIndex(
                name: "ix_invitations_email_key_sent_at",
                table: "invitations",
                columns: new[] { "email_key", "sent_at" });

            migrationBuilder.CreateIndex(
                name: "ix_invitations_made_with",
                table: "invitations",
                column: "made_with");

            migrationBuilder.CreateIndex(
                name: "ix_invitations_organization_id_created_at",
                table: "invitations",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_invitations_token_hash",
                table: "invitations",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoice_adjustments_credit_id",
                table: "invoice_adjustments",
                column: "credit_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_adjustments_invoice_id",
                table: "invoice_adjustments",
                column: "invoice_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_lines_invoice_id",
                table: "invoice_lines",
                column: "invoice_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_refunds_credit_note_id",
                table: "invoice_refunds",
                column: "credit_note_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_refunds_invoice_id",
                table: "invoice_refunds",
                column: "invoice_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_refunds_organization_id",
                table: "invoice_refunds",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoice_taxes_invoice_id",
                table: "invoice_taxes",
                column: "invoice_id");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_due",
                table: "invoices",
                columns: new[] { "due_at", "organization_id" },
                filter: "status = 'open'");

            migrationBuilder.CreateIndex(
                name: "ix_invoices_number",
                table: "invoices",
                column: "number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoices_organization_id_created_at",
                table: "invoices",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_invoices_stripe_invoice_id",
                table: "invoices",
                column: "stripe_invoice_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invoices_unsettled",
                table: "invoices",
                column: "created_at",
                filter: "stage <> 'settled'");

            migrationBuilder.CreateIndex(
                name: "ix_kafka_migrations_organization_id_name",
                table: "kafka_migrations",
                columns: new[] { "organization_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_kept_answers_started_at",
                table: "kept_answers",
                column: "started_at");

            migrationBuilder.CreateIndex(
                name: "ix_key_grants_topic_id",
                table: "key_grants",
                column: "topic_id");

            migrationBuilder.CreateIndex(
                name: "ix_mails_at_id",
                table: "mails",
                columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_memberships_account_id",
                table: "memberships",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_migration_records_organization_id",
                table: "migration_records",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_migration_topics_migration_id_target_path",
                table: "migration_topics",
                columns: new[] { "migration_id", "target_path" });

            migrationBuilder.CreateIndex(
                name: "ix_moved_groups_migration_id_subscription",
                table: "moved_groups",
                columns: new[] { "migration_id", "subscription" });

            migrationBuilder.CreateIndex(
                name: "ix_moved_groups_organization_id",
                table: "moved_groups",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_moved_producers_organization_id",
                table: "moved_producers",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_namespaces_organization_id_id",
                table: "namespaces",
                columns: new[] { "organization_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_namespaces_tenant_id_name",
                table: "namespaces",
                columns: new[] { "tenant_id", "name" },
                unique: true,
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_notice_reads_notice_id",
                table: "notice_reads",
                column: "notice_id");

            migrationBuilder.CreateIndex(
                name: "ix_notices_account_id",
                table: "notices",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "ix_notices_at",
                table: "notices",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_notices_organization_id_at",
                table: "notices",
                columns: new[] { "organization_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_oidc_applications_client_id",
                table: "oidc_applications",
                column: "client_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_oidc_applications_organization_id_created_at",
                table: "oidc_applications",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_oidc_authorizations_application_id_status_subject_type",
                table: "oidc_authorizations",
                columns: new[] { "application_id", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "ix_oidc_consents_client_id",
                table: "oidc_consents",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "ix_oidc_scopes_name",
                table: "oidc_scopes",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_oidc_tokens_application_id_status_subject_type",
                table: "oidc_tokens",
                columns: new[] { "application_id", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "ix_oidc_tokens_authorization_id",
                table: "oidc_tokens",
                column: "authorization_id");

            migrationBuilder.CreateIndex(
                name: "ix_oidc_tokens_reference_id",
                table: "oidc_tokens",
                column: "reference_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_operator_notes_organization_id_at",
                table: "operator_notes",
                columns: new[] { "organization_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_organization_sign_ins_domain",
                table: "organization_sign_ins",
                column: "domain",
                unique: true,
                filter: "domain_proven_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_organizations_is_sample",
                table: "organizations",
                column: "is_sample",
                unique: true,
                filter: "is_sample");

            migrationBuilder.CreateIndex(
                name: "ix_organizations_plan_id",
                table: "organizations",
                columns: new[] { "plan", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_organizations_slug",
                table: "organizations",
                column: "slug",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_organizations_stripe_customer_id",
                table: "organizations",
                column: "stripe_customer_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_partition_proofs_migration_id",
                table: "partition_proofs",
                column: "migration_id");

            migrationBuilder.CreateIndex(
                name: "ix_partition_proofs_organization_id",
                table: "partition_proofs",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_payment_events_received_at",
                table: "payment_events",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "ix_plan_periods_organization_id_from",
                table: "plan_periods",
                columns: new[] { "organization_id", "from" });

            migrationBuilder.CreateIndex(
                name: "ix_price_books_version",
                table: "price_books",
                column: "version",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_promotion_codes_code",
                table: "promotion_codes",
                column: "code",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_promotion_codes_created_at",
                table: "promotion_codes",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_promotion_redemptions_credit_id",
                table: "promotion_redemptions",
                column: "credit_id");

            migrationBuilder.CreateIndex(
                name: "ix_promotion_redemptions_promotion_code_id",
                table: "promotion_redemptions",
                column: "promotion_code_id");

            migrationBuilder.CreateIndex(
                name: "ix_pulsar_keys_expires_at",
                table: "pulsar_keys",
                column: "expires_at",
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_pulsar_keys_made_with",
                table: "pulsar_keys",
                column: "made_with");

            migrationBuilder.CreateIndex(
                name: "ix_pulsar_keys_namespace_id",
                table: "pulsar_keys",
                column: "namespace_id");

            migrationBuilder.CreateIndex(
                name: "ix_pulsar_keys_organization_id_created_at",
                table: "pulsar_keys",
                columns: new[] { "organization_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_tax_ids_organization_id_type_value",
                table: "tax_ids",
                columns: new[] { "organization_id", "type", "value" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_tenant_names_organization_id",
                table: "tenant_names",
                column: "organization_id");

            migrationBuilder.CreateIndex(
                name: "ix_tenants_cluster",
                table: "tenants",
                column: "cluster");

            migrationBuilder.CreateIndex(
                name: "ix_tenants_name",
                table: "tenants",
                column: "name",
                unique: true,
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_tenants_organization_id_name",
                table: "tenants",
                columns: new[] { "organization_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_topics_cluster_address",
                table: "topics",
                columns: new[] { "cluster", "address" },
                unique: true,
                filter: "state <> 'deleted'");

            migrationBuilder.CreateIndex(
                name: "ix_topics_cluster_address_created_at",
                table: "topics",
                columns: new[] { "cluster", "address", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_topics_namespace_id_name",
                table: "topics",
                columns: new[] { "namespace_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_topics_organization_id_address",
                table: "topics",
                columns: new[] { "organization_id", "address" });

            migrationBuilder.CreateIndex(
                name: "ix_view_as_operator_id_expires_at",
                table: "view_as",
                columns: new[] { "operator_id", "expires_at" });

            migrationBuilder.CreateIndex(
                name: "ix_view_as_token_hash",
                table: "view_as",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_work_items_ended",
                table: "work_items",
                column: "ended_at",
                filter: "state <> 'open'");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_id",
                table: "work_items",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_work_items_line_kind",
                table: "work_items",
                columns: new[] { "line", "kind" });

            migrationBuilder.CreateIndex(
                name: "ix_work_items_open_lane",
                table: "work_items",
                columns: new[] { "lane", "not_before" },
                filter: "state = 'open'");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_open_line",
                table: "work_items",
                columns: new[] { "line", "sequence" },
                filter: "state = 'open'");

            migrationBuilder.CreateIndex(
                name: "ix_work_items_parent_id",
                table: "work_items",
                column: "parent_id",
                filter: "parent_id IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "account_claims");

            migrationBuilder.DropTable(
                name: "account_email_changes");

            migrationBuilder.DropTable(
                name: "account_logins");

            migrationBuilder.DropTable(
                name: "account_passkeys");

            migrationBuilder.DropTable(
                name: "account_recovery_codes");

            migrationBuilder.DropTable(
                name: "account_sessions");

            migrationBuilder.DropTable(
                name: "account_tokens");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "audit_chains");

            migrationBuilder.DropTable(
                name: "audit_rows");

            migrationBuilder.DropTable(
                name: "back_partitions");

            migrationBuilder.DropTable(
                name: "budgets");

            migrationBuilder.DropTable(
                name: "closed_periods");

            migrationBuilder.DropTable(
                name: "cluster_differences");

            migrationBuilder.DropTable(
                name: "clusters");

            migrationBuilder.DropTable(
                name: "connector_runs");

            migrationBuilder.DropTable(
                name: "copy_settings");

            migrationBuilder.DropTable(
                name: "credit_entries");

            migrationBuilder.DropTable(
                name: "credit_note_lines");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "dunning_cases");

            migrationBuilder.DropTable(
                name: "external_logins");

            migrationBuilder.DropTable(
                name: "function_packages");

            migrationBuilder.DropTable(
                name: "group_positions");

            migrationBuilder.DropTable(
                name: "incident_updates");

            migrationBuilder.DropTable(
                name: "invitations");

            migrationBuilder.DropTable(
                name: "invoice_adjustments");

            migrationBuilder.DropTable(
                name: "invoice_lines");

            migrationBuilder.DropTable(
                name: "invoice_refunds");

            migrationBuilder.DropTable(
                name: "invoice_taxes");

            migrationBuilder.DropTable(
                name: "kept_answers");

            migrationBuilder.DropTable(
                name: "key_grants");

            migrationBuilder.DropTable(
                name: "leases");

            migrationBuilder.DropTable(
                name: "mails");

            migrationBuilder.DropTable(
                name: "migration_groups");

            migrationBuilder.DropTable(
                name: "migration_records");

            migrationBuilder.DropTable(
                name: "migration_topics");

            migrationBuilder.DropTable(
                name: "moved_groups");

            migrationBuilder.DropTable(
                name: "moved_producers");

            migrationBuilder.DropTable(
                name: "notice_mutes");

            migrationBuilder.DropTable(
                name: "notice_reads");

            migrationBuilder.DropTable(
                name: "notice_settings");

            migrationBuilder.DropTable(
                name: "oidc_consents");

            migrationBuilder.DropTable(
                name: "oidc_keys");

            migrationBuilder.DropTable(
                name: "oidc_scopes");

            migrationBuilder.DropTable(
                name: "oidc_tokens");

            migrationBuilder.DropTable(
                name: "operator_notes");

            migrationBuilder.DropTable(
                name: "organization_limits");

            migrationBuilder.DropTable(
                name: "organization_sign_ins");

            migrationBuilder.DropTable(
                name: "partition_proofs");

            migrationBuilder.DropTable(
                name: "payment_events");

            migrationBuilder.DropTable(
                name: "plan_periods");

            migrationBuilder.DropTable(
                name: "plan_versions");

            migrationBuilder.DropTable(
                name: "price_books");

            migrationBuilder.DropTable(
                name: "promotion_redemptions");

            migrationBuilder.DropTable(
                name: "record_keys");

            migrationBuilder.DropTable(
                name: "removed_members");

            migrationBuilder.DropTable(
                name: "stripe_tax_rates");

            migrationBuilder.DropTable(
                name: "tax_books");

            migrationBuilder.DropTable(
                name: "tax_ids");

            migrationBuilder.DropTable(
                name: "tax_profiles");

            migrationBuilder.DropTable(
                name: "tenant_names");

            migrationBuilder.DropTable(
                name: "view_as");

            migrationBuilder.DropTable(
                name: "work_items");

            migrationBuilder.DropTable(
                name: "accounts");

            migrationBuilder.DropTable(
                name: "connectors");

            migrationBuilder.DropTable(
                name: "incidents");

            migrationBuilder.DropTable(
                name: "credit_notes");

            migrationBuilder.DropTable(
                name: "pulsar_keys");

            migrationBuilder.DropTable(
                name: "kafka_migrations");

            migrationBuilder.DropTable(
                name: "memberships");

            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "oidc_authorizations");

            migrationBuilder.DropTable(
                name: "copied_partitions");

            migrationBuilder.DropTable(
                name: "credits");

            migrationBuilder.DropTable(
                name: "promotion_codes");

            migrationBuilder.DropTable(
                name: "invoices");

            migrationBuilder.DropTable(
                name: "oidc_applications");

            migrationBuilder.DropTable(
                name: "topics");

            migrationBuilder.DropTable(
                name: "namespaces");

            migrationBuilder.DropTable(
                name: "tenants");

            migrationBuilder.DropTable(
                name: "organizations");
        }
    }
}
